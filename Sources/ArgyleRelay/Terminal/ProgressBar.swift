import RelayCore

/// How far long work is, with its rate and the time left, on one line of standard error; silent where that is no terminal.
struct ProgressBar {
    private let total: Int
    private let begun: Duration
    private let first: Int
    private let output = ProgressLine()

    /// - Parameter first: what was done before.
    init(total: Int, from first: Int = 0, uptime: Duration = TimeSource.system.uptime()) {
        self.total = total
        self.first = first
        begun = uptime
    }

    func show(_ done: Int, uptime: Duration = TimeSource.system.uptime()) {
        output.show(line(done, uptime: uptime))
    }

    func end() { output.end() }

    func line(_ done: Int, uptime: Duration) -> String {
        let share = total == 0 ? 1 : min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let seconds = (uptime - begun) / .seconds(1)
        let rate = seconds > 0 ? Double(done - first) / seconds : 0
        let left = rate > 0 ? Int(Double(max(0, total - done)) / rate) : nil
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let time = left.map { $0 < 60 ? "\($0) s" : $0 < 3600 ? "\($0 / 60) min \($0 % 60) s" : "\($0 / 3600) h \($0 % 3600 / 60) min" }
        return "\(bar) \(Int(share * 100)) %  \(done)/\(total)  \(Int(rate))/s  \(time.map { "\($0) left" } ?? "")"
    }
}
