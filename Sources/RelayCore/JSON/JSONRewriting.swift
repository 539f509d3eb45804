/// Writes JSON text anew, as programs between a sender and us do: same values, other white space, perhaps another order of members.
/// Strings and numbers keep their bytes; what is no JSON is refused.
enum JSONRewriting {
    enum Style {
        /// `{"a":1,"b":2}`
        case compact
        /// `{"a": 1, "b": 2}`
        case spaced
        /// Each member and element on a line of its own, two blanks deeper than what holds it; `{}` and `[]` stay as they are.
        case indented
    }

    /// Indented text may be this many times as long; what nests so deep that it would be longer is not written.
    private static let mostGrowth = 4

    /// Nil for what is no JSON.
    static func rewrite(_ json: [UInt8], _ style: Style, sorted: Bool) -> [UInt8]? {
        var scanner = JSONScanner(json)
        var out: [UInt8] = []
        out.reserveCapacity(json.count + json.count / 8)
        do throws(JSONFault) {
            try value(&scanner, style, sorted: sorted, depth: 0, into: &out)
            try scanner.finish()
        } catch {
            return nil
        }
        return out
    }

    private static func value(
        _ scanner: inout JSONScanner,
        _ style: Style,
        sorted: Bool,
        depth: Int,
        into out: inout [UInt8]
    ) throws(JSONFault) {
        guard out.count <= mostGrowth * (scanner.bytes.count + 1024) else { throw scanner.fault(.tooDeep) }
        switch try scanner.peek() {
        case 0x7B where sorted: try sortedObject(&scanner, style, depth: depth + 1, into: &out)
        case 0x7B: try object(&scanner, style, depth: depth + 1, into: &out)
        case 0x5B: try array(&scanner, style, sorted: sorted, depth: depth + 1, into: &out)
        default:
            let range = try scanner.value()
            out.append(contentsOf: scanner.bytes[range])
        }
    }

    private static func object(_ scanner: inout JSONScanner, _ style: Style, depth: Int, into out: inout [UInt8]) throws(JSONFault) {
        out.append(0x7B)
        var isFirst = true
        try scanner.object { (scanner, name) throws(JSONFault) in
            separate(&isFirst, style, depth, &out)
            member(name, in: scanner.bytes, style, &out)
            try value(&scanner, style, sorted: false, depth: depth, into: &out)
        }
        if !isFirst { newLine(style, depth - 1, &out) }
        out.append(0x7D)
    }

    private static func sortedObject(_ scanner: inout JSONScanner, _ style: Style, depth: Int, into out: inout [UInt8]) throws(JSONFault) {
        var members: [(name: JSONString, value: [UInt8])] = []
        try scanner.object { (scanner, name) throws(JSONFault) in
            var text: [UInt8] = []
            try value(&scanner, style, sorted: true, depth: depth, into: &text)
            members.append((name, text))
        }
        let bytes = scanner.bytes
        members.sort { bytes[$0.name.content].lexicographicallyPrecedes(bytes[$1.name.content]) }
        out.append(0x7B)
        var isFirst = true
        for (name, text) in members {
            separate(&isFirst, style, depth, &out)
            member(name, in: bytes, style, &out)
            out.append(contentsOf: text)
        }
        if !isFirst { newLine(style, depth - 1, &out) }
        out.append(0x7D)
    }

    private static func array(
        _ scanner: inout JSONScanner,
        _ style: Style,
        sorted: Bool,
        depth: Int,
        into out: inout [UInt8]
    ) throws(JSONFault) {
        out.append(0x5B)
        var isFirst = true
        try scanner.array { (scanner) throws(JSONFault) in
            separate(&isFirst, style, depth, &out)
            try value(&scanner, style, sorted: sorted, depth: depth, into: &out)
        }
        if !isFirst { newLine(style, depth - 1, &out) }
        out.append(0x5D)
    }

    private static func separate(_ isFirst: inout Bool, _ style: Style, _ depth: Int, _ out: inout [UInt8]) {
        if !isFirst { out.append(contentsOf: style == .spaced ? [0x2C, 0x20] : [0x2C]) }
        isFirst = false
        newLine(style, depth, &out)
    }

    private static func newLine(_ style: Style, _ depth: Int, _ out: inout [UInt8]) {
        guard style == .indented else { return }
        out.append(0x0A)
        out.append(contentsOf: repeatElement(0x20, count: 2 * depth))
    }

    private static func member(_ name: JSONString, in bytes: [UInt8], _ style: Style, _ out: inout [UInt8]) {
        out.append(0x22)
        out.append(contentsOf: bytes[name.content])
        out.append(contentsOf: style == .compact ? [0x22, 0x3A] : [0x22, 0x3A, 0x20])
    }
}
