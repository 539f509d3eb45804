/// Decides which refused signature is worth a diagnosis: at most one an interval, and none while refusals come in a flood, which is somebody's
/// attack or a wrong secret that has been told of already.
struct DiagnosisThrottle {
    static let interval = Duration.seconds(5)
    /// Refusals in one interval from which on the next interval's are not looked into.
    static let flood = 100

    private var windowStart: Duration?
    private var refusals = 0
    private var wasFlooded = false

    mutating func admits(at uptime: Duration) -> Bool {
        if let windowStart, uptime - windowStart < Self.interval {
            refusals += 1
            return false
        }
        let isAdjacent = windowStart.map { uptime - $0 < Self.interval * 2 } ?? false
        wasFlooded = isAdjacent && refusals >= Self.flood
        windowStart = uptime
        refusals = 1
        return !wasFlooded
    }
}
