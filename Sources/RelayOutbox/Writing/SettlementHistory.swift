import RelayCore

/// Keeps what waits to be recorded from growing without end while nothing can be recorded: an entry that is tried again and again brings
/// a failure each time, of which the last will do. What settles an entry for good is never dropped: there is one of it for an entry.
struct SettlementHistory {
    /// So many may wait before failures are looked through; grows with what must stay, so that looking stays cheap.
    private var limit = 8192

    mutating func shorten(_ settlements: inout [Settlement]) {
        guard settlements.count > limit else { return }
        var seen: Set<Int64> = []
        var kept: [Settlement] = []
        for settlement in settlements.reversed() {
            if case .failed = settlement.outcome, !seen.insert(settlement.sequence).inserted { continue }
            kept.append(settlement)
        }
        settlements = kept.reversed()
        limit = max(8192, 2 * settlements.count)
    }
}
