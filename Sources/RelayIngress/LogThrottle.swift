/// Lets so many lines a second through and counts the rest: what strangers can cause must not fill a disk.
struct LogThrottle {
    private let perSecond: Int
    private var second: Int64 = -1
    private var lines = 0
    private var dropped = 0

    init(perSecond: Int) { self.perSecond = perSecond }

    mutating func allows(at uptime: Duration) -> Bool {
        if uptime.components.seconds != second {
            second = uptime.components.seconds
            lines = 0
        }
        lines += 1
        if lines <= perSecond { return true }
        dropped += 1
        return false
    }

    /// How many were not let through since this was last asked.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
