/// Decides whether new facts may come in. Closes at a limit and opens again only well clear of it, so that a store at its limit
/// does not answer yes and no in turns.
struct Admission {
    struct Limits: Equatable, Sendable {
        /// Entries that may wait for Kafka.
        var maxPending: Int
        /// Bytes that must stay free on the store's file system.
        var minFreeDisk: Int
    }

    var limits: Limits
    private var isFull = false
    private var isDiskLow = false

    init(limits: Limits) { self.limits = limits }

    /// Full from `maxPending` entries on until a twentieth has left.
    mutating func pendingChanged(to pending: Int) {
        isFull = isFull ? pending > limits.maxPending - limits.maxPending / 20 - 1 : pending >= limits.maxPending
    }

    /// Low below `minFreeDisk` until a tenth more is free.
    mutating func freeDiskChanged(to bytes: Int) {
        let (clear, overflow) = limits.minFreeDisk.addingReportingOverflow(limits.minFreeDisk / 10)
        isDiskLow = bytes < (isDiskLow ? (overflow ? Int.max : clear) : limits.minFreeDisk)
    }

    var refusal: OutboxError? { isDiskLow ? .diskLow : isFull ? .full : nil }
}
