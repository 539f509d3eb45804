import Glibc

/// What long work is at, on one line of standard error; silent where that is no terminal.
struct ProgressLine {
    private let isShown = StandardError.isTerminal

    /// - Parameter text: is made only where it is shown.
    func show(_ text: @autoclosure () -> String) {
        if isShown { Terminal.write("\r\u{1B}[K" + text(), to: STDERR_FILENO) }
    }

    func end() { show("") }
}
