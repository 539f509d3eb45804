/// Secrets, alone, in lists and among Kafka's properties. No refusal repeats what was given.
extension ValueFormat where Value == Secret {
    static func secret(_ allowed: String, where admits: @escaping @Sendable (UInt8) -> Bool) -> ValueFormat {
        ValueFormat(
            allowed: allowed,
            fileForm: .whole,
            parse: { (raw) throws(ValueRefusal) -> Secret in
                switch raw {
                case .text(let text) where text.isEmpty: throw ValueRefusal(found: "an empty secret")
                case .text(let text):
                    guard text.utf8.count <= 4096, text.utf8.allSatisfy(admits) else { throw ValueRefusal(found: Secret.unseen) }
                    return Secret(text)
                case .nothing: throw ValueRefusal(found: "nothing")
                case .list: throw ValueRefusal(found: "a list")
                case .misshapen(let shape): throw ValueRefusal(found: shape)
                }
            },
            show: { _ in .text(Secret.redaction) },
            hidden: { [$0.reveal()] }
        )
    }

    static var signing: ValueFormat { secret("") { _ in true } }

    /// What fits into `Authorization: Bearer` (RFC 6750, 2.1, and every other visible ASCII character).
    static var bearerToken: ValueFormat {
        secret("1 to 4096 visible ASCII characters without spaces") { (0x21...0x7e).contains($0) }
    }

    /// What fits into `Authorization: Basic` (RFC 7617, 2): no control characters, and no colon in the first half.
    static func credential(colon: Bool) -> ValueFormat {
        secret("1 to 4096 bytes without control characters\(colon ? "" : " and colons")") { byte in
            byte >= 0x20 && byte != 0x7f && (colon || byte != UInt8(ascii: ":"))
        }
    }
}

extension ValueFormat where Value == [Secret] {
    static var secrets: ValueFormat {
        let list = ValueFormat.list(of: .signing, "a list of 1 to 16 secrets, none of them empty", atMost: 16)
        return ValueFormat(
            allowed: list.allowed,
            takesList: true,
            fileForm: .lines,
            parse: { (raw) throws(ValueRefusal) -> [Secret] in
                if case .text(let text) = raw, !text.isEmpty { throw ValueRefusal(found: Secret.unseen, hint: "write it as a list") }
                return try list.parse(raw)
            },
            show: list.show,
            hidden: list.hidden
        )
    }
}

extension Secret {
    /// The fault text that stands in for every secret.
    static let unseen = "a secret (not shown)"
}

extension ValueFormat where Value == [KafkaProperty] {
    static var properties: ValueFormat {
        let property = ValueFormat<KafkaProperty>(
            allowed: "name=value",
            parse: { (raw) throws(ValueRefusal) -> KafkaProperty in
                guard case .text(let text) = raw, let property = KafkaProperty(text) else {
                    throw ValueRefusal(found: "an entry that is not name=value (not shown)")
                }
                return property
            },
            show: { .text($0.description) },
            hidden: { $0.isSecret ? [Array($0.value.utf8)] : [] }
        )
        let list = ValueFormat.list(of: property, "a list of name=value, each name once")
        return ValueFormat(
            allowed: list.allowed,
            takesList: true,
            fileForm: .commentedLines,
            parse: { (raw) throws(ValueRefusal) -> [KafkaProperty] in
                if case .text(let text) = raw, !text.isEmpty { throw ValueRefusal(found: "text (not shown)", hint: "write it as a list") }
                let properties = try list.parse(raw)
                var names: Set<String> = []
                for property in properties where !names.insert(property.name).inserted {
                    throw ValueRefusal(found: "\(Quoted.value(property.name)) twice")
                }
                return properties
            },
            show: list.show,
            hidden: list.hidden
        )
    }
}
