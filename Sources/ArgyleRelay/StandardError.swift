import Glibc
import Synchronization

/// Lines for the person at the terminal. A command writes them at once; a relay, which must not wait for whoever reads, gives them to its log.
enum StandardError {
    private static let isQueued = Atomic<Bool>(false)

    /// From here on nothing waits for standard error. To be called before anything is opened.
    static func queue() {
        openMissing()
        isQueued.store(true, ordering: .relaxed)
    }

    /// One write a line, so that lines of different threads do not mix; what cannot be written has nowhere else to go.
    static func line(_ text: String) {
        if isQueued.load(ordering: .relaxed) { return LogWriter.standard.write { text } }
        let bytes = Array((text + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Whether someone is looking, so that progress may be drawn.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whoever starts the relay with standard error closed would have the next file that is opened, the outbox, take the log's lines.
    private static func openMissing() {
        var file: Int32
        repeat { file = open("/dev/null", O_RDWR) } while file >= 0 && file <= STDERR_FILENO
        if file > STDERR_FILENO { close(file) }
    }
}
