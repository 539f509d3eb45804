import Glibc

/// One line on a terminal's standard error that says how far long work is, how fast, and how long it will take yet.
enum Progress {
    private static let width = 30

    static func draw(done: Int, of total: Int, since elapsed: Duration) {
        // A hundred redraws are enough for anyone.
        guard total > 0, done == total || done % max(1, total / 100) == 0 else { return }
        let filled = width * done / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let seconds = elapsed.inSeconds
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? Duration.seconds(Double(total - done) / rate).readable : "…"
        write("\r\(bar) \(done)/\(total)  \(Int(rate))/s  \(left) left\u{1B}[K")
    }

    static func clear() { write("\r\u{1B}[K") }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
