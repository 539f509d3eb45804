import RelayCore

/// What one partition holds of its lane: its entries in memory, where those on disk begin, and what its failures hold up.
struct PartitionWindow {
    /// Entries in memory, and their bytes.
    var count = 0
    var footprint = 0
    var inFlight = 0
    var ready = Queue<OutboxEntry>()
    /// Wait for a retry, oldest first.
    var failed: [OutboxEntry] = []
    /// Entries from after this sequence on are left on disk, because there was no room; nil where none is.
    var behind: Int64?
    /// One more was left there while they are being read.
    var hasMissed = false
    var setback = Setback()
    /// Since when entries are on their way, or tried again, without an answer; nil while none is.
    var stillSince: Duration?

    mutating func insertFailed(_ entry: OutboxEntry) {
        // Entries mostly fail in the order in which they left.
        guard let last = failed.last, last.sequence > entry.sequence else { return failed.append(entry) }
        failed.insert(entry, at: failed.firstIndex { $0.sequence > entry.sequence } ?? failed.endIndex)
    }

    /// What leaves now, the failed ones first.
    mutating func leave(onlyOne: Bool) -> [OutboxEntry] {
        if onlyOne { return failed.isEmpty ? ready.popFirst().map { [$0] } ?? [] : [failed.removeFirst()] }
        var leaving = failed
        failed = []
        while let entry = ready.popFirst() { leaving.append(entry) }
        return leaving
    }

    mutating func add(_ entry: OutboxEntry) {
        count += 1
        footprint += entry.footprint
    }

    mutating func subtract(_ entry: OutboxEntry) {
        count -= 1
        footprint -= entry.footprint
    }

    /// The broker has answered for the partition.
    mutating func moved(at uptime: Duration) { stillSince = inFlight == 0 && failed.isEmpty ? nil : uptime }

    /// Whether it has been still for so long.
    func isStill(for duration: Duration, at uptime: Duration) -> Bool { stillSince.map { uptime - $0 >= duration } ?? false }
}
