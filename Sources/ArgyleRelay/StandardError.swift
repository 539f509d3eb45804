import Glibc

/// Lines for the person at the terminal; logs have their own way.
enum StandardError {
    /// One write a line, so that lines of different threads do not mix; what cannot be written has nowhere else to go.
    static func line(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Whether someone is looking, so that progress may be drawn.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
