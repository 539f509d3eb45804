import RelayCore

/// Words from a closed set.
extension ValueFormat where Value == Bool {
    /// Only `true` and `false`: YAML 1.1's `yes`, `on` and their like are refused.
    static var boolean: ValueFormat {
        .scalar(
            "true or false",
            parse: { (text) throws(ValueRefusal) -> Bool in
                guard let value = Bool(text) else { throw ValueRefusal() }
                return value
            },
            show: { String($0) }
        )
    }
}

extension ValueFormat where Value: RawRepresentable<String> & CaseIterable {
    /// Exactly one of the type's words.
    static var word: ValueFormat {
        .scalar(
            Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { (text) throws(ValueRefusal) -> Value in
                guard let value = Value(rawValue: text) else { throw ValueRefusal() }
                return value
            },
            show: { $0.rawValue }
        )
    }
}

extension ValueFormat where Value == String {
    /// A text that a rule admits or does not.
    static func text(_ allowed: String, atMost longest: Int, where admits: @escaping @Sendable (String) -> Bool) -> ValueFormat {
        .scalar(
            allowed,
            parse: { (text) throws(ValueRefusal) -> String in
                guard !text.isEmpty, text.utf8.count <= longest, admits(text) else { throw ValueRefusal() }
                return text
            },
            show: { $0 }
        )
    }

    /// A path of a file, as the system takes it; relative to the working directory.
    static var filePath: ValueFormat {
        .text("a path", atMost: 4095) { text in text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } }
    }

    /// A glob over event names.
    static var glob: ValueFormat {
        .text("event names in which * stands for any run of characters, such as [\"*.fully_synced\"]", atMost: 128) { text in
            text.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || "._-*".utf8.contains($0) }
        }
    }
}

extension ValueFormat where Value == TopicName {
    static var topicName: ValueFormat {
        .scalar(
            "a Kafka topic name: 1 to 249 of a-z A-Z 0-9 . _ -",
            parse: { (text) throws(ValueRefusal) -> TopicName in
                guard let name = TopicName(text) else { throw ValueRefusal() }
                return name
            },
            show: { $0.text }
        )
    }
}

extension ValueFormat where Value == TopicTemplate {
    static var topicTemplate: ValueFormat {
        .scalar(
            "a Kafka topic name (a-z A-Z 0-9 . _ -, at most 249) in which {event} may stand for the event's name",
            parse: { (text) throws(ValueRefusal) -> TopicTemplate in
                guard let template = TopicTemplate(text) else { throw ValueRefusal() }
                return template
            },
            show: { $0.text }
        )
    }
}

/// Classes of ASCII bytes that several formats share.
enum ASCII {
    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// What a URI may hold outside its escapes (RFC 3986, 2.2 and 2.3), and `%`.
    static func isURI(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
    }
}
