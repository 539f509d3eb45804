/// Writes JSON text anew, as programs between a sender and us do: same values, other white space, perhaps another order of members.
/// Strings and numbers keep their bytes; what is no JSON is refused.
enum JSONRewriting {
    enum Style {
        /// `{"a":1,"b":2}`
        case compact
        /// `{"a": 1, "b": 2}`
        case spaced
    }

    /// Nil for what is no JSON.
    static func rewrite(_ json: [UInt8], _ style: Style, sorted: Bool) -> [UInt8]? {
        var scanner = JSONScanner(json)
        var out: [UInt8] = []
        out.reserveCapacity(json.count + json.count / 8)
        do throws(JSONFault) {
            try value(&scanner, style, sorted: sorted, into: &out)
            try scanner.finish()
        } catch {
            return nil
        }
        return out
    }

    private static func value(_ scanner: inout JSONScanner, _ style: Style, sorted: Bool, into out: inout [UInt8]) throws(JSONFault) {
        switch try scanner.peek() {
        case 0x7B where sorted: try sortedObject(&scanner, style, into: &out)
        case 0x7B: try object(&scanner, style, into: &out)
        case 0x5B: try array(&scanner, style, sorted: sorted, into: &out)
        default:
            let range = try scanner.value()
            out.append(contentsOf: scanner.bytes[range])
        }
    }

    private static func object(_ scanner: inout JSONScanner, _ style: Style, into out: inout [UInt8]) throws(JSONFault) {
        out.append(0x7B)
        var isFirst = true
        try scanner.object { (scanner, name) throws(JSONFault) in
            separate(&isFirst, style, &out)
            member(name, in: scanner.bytes, style, &out)
            try value(&scanner, style, sorted: false, into: &out)
        }
        out.append(0x7D)
    }

    private static func sortedObject(_ scanner: inout JSONScanner, _ style: Style, into out: inout [UInt8]) throws(JSONFault) {
        var members: [(name: JSONString, value: [UInt8])] = []
        try scanner.object { (scanner, name) throws(JSONFault) in
            var text: [UInt8] = []
            try value(&scanner, style, sorted: true, into: &text)
            members.append((name, text))
        }
        let bytes = scanner.bytes
        members.sort { bytes[$0.name.content].lexicographicallyPrecedes(bytes[$1.name.content]) }
        out.append(0x7B)
        var isFirst = true
        for (name, text) in members {
            separate(&isFirst, style, &out)
            member(name, in: bytes, style, &out)
            out.append(contentsOf: text)
        }
        out.append(0x7D)
    }

    private static func array(_ scanner: inout JSONScanner, _ style: Style, sorted: Bool, into out: inout [UInt8]) throws(JSONFault) {
        out.append(0x5B)
        var isFirst = true
        try scanner.array { (scanner) throws(JSONFault) in
            separate(&isFirst, style, &out)
            try value(&scanner, style, sorted: sorted, into: &out)
        }
        out.append(0x5D)
    }

    private static func separate(_ isFirst: inout Bool, _ style: Style, _ out: inout [UInt8]) {
        if !isFirst { out.append(contentsOf: style == .compact ? [0x2C] : [0x2C, 0x20]) }
        isFirst = false
    }

    private static func member(_ name: JSONString, in bytes: [UInt8], _ style: Style, _ out: inout [UInt8]) {
        out.append(0x22)
        out.append(contentsOf: bytes[name.content])
        out.append(contentsOf: style == .compact ? [0x22, 0x3A] : [0x22, 0x3A, 0x20])
    }
}
