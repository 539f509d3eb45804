/// What `users.fully_synced` says besides the set, in 16 bytes that tell whether it has changed: `external_id`, `external_metadata`,
/// `items_connected` and `employers_connected`, of which an absent one is as good as null.
///
/// Equal for what says the same: white space, the order of an object's members and the spelling of a string play no part, nor does the order
/// of items and employers, or that one stands there twice. Numbers are compared digit by digit.
package struct Particulars: Equatable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(_ sync: UserSync) {
        var text: [UInt8] = []
        for list in [sync.items, sync.employers] { Self.append(list, sortingElements: true, to: &text) }
        for value in [sync.externalID, sync.externalMetadata] { Self.append(value, sortingElements: false, to: &text) }
        let digest = Digest.sha256(text)
        high = digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// 16 of them.
    package var bytes: [UInt8] { withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) } }

    private static func append(_ json: [UInt8]?, sortingElements: Bool, to text: inout [UInt8]) {
        var scanner = JSONScanner(json ?? Array("null".utf8))
        do throws(JSONFault) {
            if sortingElements, try scanner.peek() == 0x5B {
                var elements: Set<[UInt8]> = []
                try scanner.array { (scanner) throws(JSONFault) in
                    var element: [UInt8] = []
                    try value(&scanner, &element)
                    elements.insert(element)
                }
                enclose(elements, in: (0x5B, 0x5D), &text)
            } else {
                try value(&scanner, &text)
            }
        } catch {
            // Not reached: the decoder walked over these bytes to their end.
            text.append(contentsOf: json ?? [])
        }
    }

    private static func value(_ scanner: inout JSONScanner, _ text: inout [UInt8]) throws(JSONFault) {
        switch try scanner.peek() {
        case 0x7B:
            var members: [[UInt8]] = []
            try scanner.object { (scanner, name) throws(JSONFault) in
                var member: [UInt8] = []
                string(name, in: scanner.bytes, &member)
                try value(&scanner, &member)
                members.append(member)
            }
            enclose(members, in: (0x7B, 0x7D), &text)
        case 0x5B:
            text.append(0x5B)
            try scanner.array { (scanner) throws(JSONFault) in try value(&scanner, &text) }
            text.append(0x5D)
        case 0x22: string(try scanner.string(), in: scanner.bytes, &text)
        default:
            text.append(contentsOf: scanner.bytes[try scanner.value()])
            text.append(0x2C)
        }
    }

    /// With its length in front: what it holds ends nothing.
    private static func string(_ string: JSONString, in bytes: [UInt8], _ text: inout [UInt8]) {
        let key = string.key(in: bytes)
        text.append(0x22)
        text.append(contentsOf: String(key.count).utf8)
        text.append(0x3A)
        text.append(contentsOf: key)
    }

    private static func enclose(_ parts: some Sequence<[UInt8]>, in brackets: (UInt8, UInt8), _ text: inout [UInt8]) {
        text.append(brackets.0)
        for part in parts.sorted(by: { $0.lexicographicallyPrecedes($1) }) { text.append(contentsOf: part) }
        text.append(brackets.1)
    }
}
