import Glibc

/// What a command prints for other programs to read; says when nobody reads any more, so that `tail | head` ends.
enum StandardOutput {
    /// The reader is gone (EPIPE), or the disk behind it is full.
    struct Closed: Error {}

    static func line(_ text: String) throws(Closed) { try write(Array((text + "\n").utf8)) }

    static func line(_ bytes: [UInt8]) throws(Closed) { try write(bytes + [0x0A]) }

    private static func write(_ bytes: [UInt8]) throws(Closed) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress.map { $0 + start }, $0.count - start) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Closed() }
            start += count
        }
    }
}

extension String {
    /// Fit for a line on a terminal: nothing that came from outside may end the line or move the cursor.
    var onOneLine: String {
        let isUnsafe = { (scalar: Unicode.Scalar) in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
            default: false
            }
        }
        guard unicodeScalars.contains(where: isUnsafe) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { isUnsafe($0) ? "\u{FFFD}" : $0 }))
    }
}
