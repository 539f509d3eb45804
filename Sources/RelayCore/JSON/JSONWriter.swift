/// Writes compact JSON into one growing buffer; what is already JSON goes in as it is.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Text that is JSON already, such as `{"a":` or a slice of a delivery.
    package mutating func raw(_ json: StaticString) {
        json.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    package mutating func raw(_ json: some Collection<UInt8>) { bytes.append(contentsOf: json) }

    /// A string value with what RFC 8259, section 7, wants escaped.
    package mutating func string(_ text: some StringProtocol) {
        bytes.append(0x22)
        // Identifiers and names, which is most of it, need no escape and go in whole.
        let isPlain = text.utf8.withContiguousStorageIfAvailable { utf8 in
            guard utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if isPlain != true { escaped(text) }
        bytes.append(0x22)
    }

    private mutating func escaped(_ text: some StringProtocol) {
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x00..<0x20:
                raw("\\u00")
                Hexadecimal.append(byte, to: &bytes)
            default: bytes.append(byte)
            }
        }
    }

    package mutating func number(_ value: Int64) { bytes.append(contentsOf: String(value).utf8) }

    /// An array of strings.
    package mutating func strings(_ texts: some Sequence<String>) {
        bytes.append(0x5B)
        var isFirst = true
        for text in texts {
            if !isFirst { bytes.append(0x2C) }
            isFirst = false
            string(text)
        }
        bytes.append(0x5D)
    }
}
