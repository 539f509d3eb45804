/// What failures hold up, a topic or a partition of one: when it is tried again, and whether by one entry at a time.
struct Setback {
    private var backOff = BackOff()
    /// Uptime before which nothing leaves; nil while all is well.
    private(set) var resumesAt: Duration?
    /// After a failure one entry at a time leaves until one arrives.
    private(set) var isProbing = false

    /// Whether nothing may leave yet. Forgets a rest that is over.
    mutating func rests(at uptime: Duration) -> Bool {
        guard let resumesAt else { return false }
        if uptime < resumesAt { return true }
        self.resumesAt = nil
        return false
    }

    /// Entries that fail together count as one failure.
    mutating func failed(at uptime: Duration, within bounds: BackOff.Bounds, random: Double) {
        if resumesAt == nil { resumesAt = uptime + backOff.next(within: bounds, random: random) }
        isProbing = true
    }

    mutating func arrived() {
        isProbing = false
        backOff.reset()
    }

    /// An answer came, and no good one.
    mutating func answered() { isProbing = false }

    mutating func pause(until uptime: Duration) { resumesAt = max(resumesAt ?? .zero, uptime) }
}
