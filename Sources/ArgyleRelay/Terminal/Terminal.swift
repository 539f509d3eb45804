import Glibc

/// What standard output and standard error lead to.
enum Terminal {
    /// Columns of standard output; nil where it is no terminal, and nothing is cut.
    static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Moves to the upper left corner and clears what is below.
    static func clear() { write("\u{1B}[H\u{1B}[J") }

    /// Without a newline, and at once.
    static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
