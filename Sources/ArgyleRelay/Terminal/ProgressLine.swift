import Glibc

/// What long work of unknown length is at, on one line of standard error; silent where that is no terminal.
struct ProgressLine {
    private let isShown = StandardError.isTerminal

    func show(_ text: String) { if isShown { Terminal.write("\r\u{1B}[K" + text, to: STDERR_FILENO) } }

    func end() { show("") }
}
