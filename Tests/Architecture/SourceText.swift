/// Swift source with its comments and the contents of its string literals blanked out, so that a word found in it is code.
/// Lines keep their numbers and columns, and code interpolated into a string stays visible. Regex literals are not understood:
/// a quote in one hides the rest of its line at worst.
struct SourceText {
    let original: [Substring]
    let code: [[UInt8]]

    init(_ text: String) {
        original = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = Self.blanked(Array(text.utf8)).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    }

    /// The numbers of the lines, from 1, whose code holds the word. Where the word begins or ends with a letter, it must stand alone there:
    /// `as!` is not found in `has!`, nor `async` in `asyncCopy`.
    func lines(with word: String) -> [Int] {
        let word = Array(word.utf8)
        return code.indices.filter { Self.holds(code[$0], word) }.map { $0 + 1 }
    }

    /// The line's code split at white space.
    func words(ofLine number: Int) -> [String] {
        code[number - 1].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ";") }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func holds(_ line: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first, let last = word.last, line.count >= word.count else { return false }
        for start in 0...(line.count - word.count) where line[start] == first {
            let end = start + word.count
            guard line[start..<end].elementsEqual(word) else { continue }
            let joinedBefore = isIdentifier(first) && start > 0 && isIdentifier(line[start - 1])
            let joinedAfter = isIdentifier(last) && end < line.count && isIdentifier(line[end])
            if !joinedBefore && !joinedAfter { return true }
        }
        return false
    }

    static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }
}

extension SourceText {
    private enum Nesting {
        /// Code inside `\( )`, with the parentheses open in it; the outermost code is the empty stack.
        case interpolation(open: Int)
        case string(hashes: Int, quotes: Int)
    }

    /// Follows "Lexical Structure" in The Swift Programming Language: nested comments, raw and multi-line strings, interpolation.
    private static func blanked(_ text: [UInt8]) -> [UInt8] {
        var out = text
        var nesting: [Nesting] = []
        var at = 0
        func byte(_ offset: Int) -> UInt8 { at + offset < text.count ? text[at + offset] : 0 }
        func run(of wanted: UInt8, from offset: Int) -> Int {
            var count = 0
            while byte(offset + count) == wanted { count += 1 }
            return count
        }
        func blank(_ count: Int) {
            for _ in 0..<count where at < text.count {
                if text[at] != UInt8(ascii: "\n") { out[at] = UInt8(ascii: " ") }
                at += 1
            }
        }
        while at < text.count {
            if case .string(let hashes, let quotes) = nesting.last {
                if byte(0) == UInt8(ascii: "\\"), run(of: UInt8(ascii: "#"), from: 1) >= hashes {
                    let interpolates = byte(1 + hashes) == UInt8(ascii: "(")
                    blank(2 + hashes)
                    if interpolates { nesting.append(.interpolation(open: 0)) }
                } else if run(of: UInt8(ascii: "\""), from: 0) >= quotes, run(of: UInt8(ascii: "#"), from: quotes) >= hashes {
                    blank(quotes + hashes)
                    nesting.removeLast()
                } else {
                    if byte(0) == UInt8(ascii: "\n") && quotes == 1 { nesting.removeLast() }
                    blank(1)
                }
                continue
            }
            switch (byte(0), byte(1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while at < text.count, text[at] != UInt8(ascii: "\n") { blank(1) }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                var depth = 0
                repeat {
                    let pair = (byte(0), byte(1))
                    let opens = pair == (UInt8(ascii: "/"), UInt8(ascii: "*"))
                    let closes = pair == (UInt8(ascii: "*"), UInt8(ascii: "/"))
                    depth += opens ? 1 : closes ? -1 : 0
                    blank(opens || closes ? 2 : 1)
                } while depth > 0 && at < text.count
            case (UInt8(ascii: "#"), _), (UInt8(ascii: "\""), _):
                let hashes = run(of: UInt8(ascii: "#"), from: 0)
                let found = run(of: UInt8(ascii: "\""), from: hashes)
                let quotes = found >= 3 ? 3 : min(found, 1)
                if quotes > 0 {
                    blank(hashes + quotes)
                    nesting.append(.string(hashes: hashes, quotes: quotes))
                } else {
                    at += hashes
                }
            case (UInt8(ascii: "("), _):
                if case .interpolation(let open) = nesting.last { nesting[nesting.count - 1] = .interpolation(open: open + 1) }
                at += 1
            case (UInt8(ascii: ")"), _):
                if case .interpolation(let open) = nesting.last {
                    if open == 0 { nesting.removeLast() } else { nesting[nesting.count - 1] = .interpolation(open: open - 1) }
                }
                at += 1
            default:
                at += 1
            }
        }
        return out
    }
}
