/// The header fields of one message: the bytes as received and where each name and value lies in them.
/// A string is made only for a field that is asked for; names compare without regard to ASCII case (RFC 9110 5.1).
package struct HTTPHeaders: Sendable {
    /// Offsets into `block`; a header block is bounded far below 4 GiB.
    struct Field: Sendable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32
    }

    private(set) var block: [UInt8]
    private(set) var fields: [Field]

    init(block: [UInt8], fields: [Field]) {
        self.block = block
        self.fields = fields
    }

    /// Headers from names and values, in order; what a route's test builds a request head with.
    package init(_ pairs: [(String, String)] = []) {
        block = []
        fields = []
        for (name, value) in pairs { add(name: name, value: value) }
    }

    package mutating func add(name: String, value: String) {
        let start = UInt32(truncatingIfNeeded: block.count)
        block.append(contentsOf: name.utf8)
        let middle = UInt32(truncatingIfNeeded: block.count)
        block.append(contentsOf: value.utf8)
        let end = UInt32(truncatingIfNeeded: block.count)
        fields.append(Field(nameStart: start, nameEnd: middle, valueStart: middle, valueEnd: end))
    }

    package var count: Int { fields.count }
    package var isEmpty: Bool { fields.isEmpty }

    /// Every value of `name`, in order of arrival.
    package subscript(name: String) -> [String] {
        fields.filter { isNamed($0, name) }.map(value)
    }

    package func contains(name: String) -> Bool {
        fields.contains { isNamed($0, name) }
    }

    /// How many lines carry `name`: a caller that must not guess between two values asks this first.
    package func occurrences(of name: String) -> Int {
        fields.reduce(0) { $0 + (isNamed($1, name) ? 1 : 0) }
    }

    /// The first value of `name`; bytes that are no UTF-8 are replaced (U+FFFD).
    package func first(name: String) -> String? {
        fields.first { isNamed($0, name) }.map(value)
    }

    /// The first value of `name` as the bytes that arrived, without a copy.
    package func firstBytes(name: String) -> ArraySlice<UInt8>? {
        fields.first { isNamed($0, name) }.map { block[Int($0.valueStart)..<Int($0.valueEnd)] }
    }

    /// Names and values in order of arrival.
    package var pairs: [(name: String, value: String)] {
        fields.map { (String(decoding: block[Int($0.nameStart)..<Int($0.nameEnd)], as: UTF8.self), value(of: $0)) }
    }

    private func value(of field: Field) -> String {
        String(decoding: block[Int(field.valueStart)..<Int(field.valueEnd)], as: UTF8.self)
    }

    func isNamed(_ field: Field, _ name: String) -> Bool {
        guard Int(field.nameEnd - field.nameStart) == name.utf8.count else { return false }
        var at = Int(field.nameStart)
        for byte in name.utf8 {
            guard block[at].asciiLowercased == byte.asciiLowercased else { return false }
            at += 1
        }
        return true
    }

    /// Whether the comma-separated list in any `name` field holds `token`, without regard to case (RFC 9110 5.6.1).
    func listContains(_ token: String, in name: String) -> Bool {
        for field in fields where isNamed(field, name) {
            let value = block[Int(field.valueStart)..<Int(field.valueEnd)]
            for member in value.split(separator: UInt8(ascii: ",")) where member.trimmingBlanks().equalsIgnoringCase(token) {
                return true
            }
        }
        return false
    }
}

extension UInt8 {
    var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5a ? self | 0x20 : self }
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}

extension ArraySlice<UInt8> {
    func trimmingBlanks() -> ArraySlice<UInt8> {
        var slice = self
        while slice.first?.isBlank == true { slice.removeFirst() }
        while slice.last?.isBlank == true { slice.removeLast() }
        return slice
    }

    func equalsIgnoringCase(_ text: String) -> Bool {
        count == text.utf8.count && zip(self, text.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}
