/// Walks over JSON text (RFC 8259) without building anything: whoever drives it takes the slices it wants.
///
/// Refuses all that the grammar refuses, invalid UTF-8, and nesting beyond ``maximumDepth``; numbers keep their digits, so
/// none is rounded. Works on an array, whose bounds are checked: a mistake here would stop the process, never read past it.
struct JSONScanner {
    /// Deeper than any real delivery, and shallow enough for the smallest thread's stack.
    static let maximumDepth = 64

    let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int
    private var depth = 0

    init(_ bytes: [UInt8]) { self.init(bytes, in: bytes.indices) }

    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    func fault(_ kind: JSONFault.Kind) -> JSONFault { JSONFault(kind: kind, offset: position) }

    /// The byte at which a value starts, after white space.
    mutating func peek() throws(JSONFault) -> UInt8 {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        throw fault(.unexpectedEnd)
    }

    /// Nothing but white space may follow the text's one value.
    mutating func finish() throws(JSONFault) {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { throw fault(.unexpectedByte) }
            position += 1
        }
    }

    /// Calls `member` with each member's name, standing at its value, which `member` must consume.
    mutating func object(
        _ member: (inout JSONScanner, JSONString) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try descend(into: 0x7B)
        if try peek() == 0x7D { return ascend() }
        while true {
            guard try peek() == 0x22 else { throw fault(.unexpectedByte) }
            let name = try string()
            guard try peek() == 0x3A else { throw fault(.unexpectedByte) }
            position += 1
            try member(&self, name)
            if try endsAfterElement(with: 0x7D) { return }
        }
    }

    /// Calls `element` standing at each element's value, which `element` must consume.
    mutating func array(_ element: (inout JSONScanner) throws(JSONFault) -> Void) throws(JSONFault) {
        try descend(into: 0x5B)
        if try peek() == 0x5D { return ascend() }
        while true {
            _ = try peek()
            try element(&self)
            if try endsAfterElement(with: 0x5D) { return }
        }
    }

    /// Consumes one value of any kind and returns where its text lies.
    @discardableResult
    mutating func value() throws(JSONFault) -> Range<Int> {
        let first = try peek()
        let start = position
        switch first {
        case 0x7B: try object { (scanner, _) throws(JSONFault) in try scanner.value() }
        case 0x5B: try array { (scanner) throws(JSONFault) in try scanner.value() }
        case 0x22: _ = try string()
        case 0x74: try literal("true")
        case 0x66: try literal("false")
        case 0x6E: try literal("null")
        default: try number()
        }
        return start..<position
    }

    private mutating func descend(into opening: UInt8) throws(JSONFault) {
        guard try peek() == opening else { throw fault(.unexpectedByte) }
        guard depth < Self.maximumDepth else { throw fault(.tooDeep) }
        depth += 1
        position += 1
    }

    private mutating func ascend() {
        depth -= 1
        position += 1
    }

    /// Consumes the comma before a further element, or the closing bracket.
    private mutating func endsAfterElement(with closing: UInt8) throws(JSONFault) -> Bool {
        let next = try peek()
        if next == closing {
            ascend()
            return true
        }
        guard next == 0x2C else { throw fault(.unexpectedByte) }
        position += 1
        return false
    }

    private mutating func literal(_ word: StaticString) throws(JSONFault) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end else { throw fault(.unexpectedEnd) }
            guard bytes[position] == word.utf8Start[index] else { throw fault(.unexpectedByte) }
            position += 1
        }
    }

    private mutating func number() throws(JSONFault) {
        if position < end, bytes[position] == 0x2D { position += 1 }
        guard position < end else { throw fault(.unexpectedEnd) }
        if bytes[position] == 0x30 { position += 1 } else { try digits() }
        if position < end, bytes[position] == 0x2E {
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == 0x65 {
            position += 1
            if position < end, bytes[position] == 0x2B || bytes[position] == 0x2D { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(JSONFault) {
        let start = position
        while position < end, (0x30...0x39).contains(bytes[position]) { position += 1 }
        if position == start { throw fault(position < end ? .unexpectedByte : .unexpectedEnd) }
    }

    /// Consumes a string, standing at its opening quotation mark.
    mutating func string() throws(JSONFault) -> JSONString {
        guard try peek() == 0x22 else { throw fault(.unexpectedByte) }
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlainText()
            guard position < end else { throw fault(.unexpectedEnd) }
            switch bytes[position] {
            case 0x22:
                position += 1
                return JSONString(content: start..<position - 1, hasEscapes: hasEscapes)
            case 0x5C:
                hasEscapes = true
                try escape()
            case 0x80...: try multibyteScalar(bytes[position])
            default: throw fault(.unexpectedByte)
            }
        }
    }

    /// Most of a body is this; a local index spares a store for each byte.
    private mutating func skipPlainText() {
        var next = position
        while next < end {
            let byte = bytes[next]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { break }
            next += 1
        }
        position = next
    }

    private mutating func escape() throws(JSONFault) {
        guard position + 1 < end else { throw fault(.unexpectedEnd) }
        switch bytes[position + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 2
        case 0x75:
            guard position + 6 <= end else { throw fault(.unexpectedEnd) }
            for digit in position + 2..<position + 6 where Hexadecimal.value(of: bytes[digit]) == nil {
                throw fault(.invalidEscape)
            }
            position += 6
        default: throw fault(.invalidEscape)
        }
    }

    /// RFC 3629, section 4: no overlong forms, no surrogates, nothing past U+10FFFF.
    private mutating func multibyteScalar(_ lead: UInt8) throws(JSONFault) {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: throw fault(.invalidUTF8)
            }
        guard position + count <= end else { throw fault(.invalidUTF8) }
        guard second.contains(bytes[position + 1]) else { throw fault(.invalidUTF8) }
        for index in position + 2..<max(position + 2, position + count) where bytes[index] & 0xC0 != 0x80 {
            throw fault(.invalidUTF8)
        }
        position += count
    }
}
