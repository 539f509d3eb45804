package import RelayCore
package import RelayKafka

/// One topic's way to Kafka as a value: which entries are on their way, which wait and why. Does nothing itself; says what to do.
///
/// A user's next entry leaves only after the one before is settled, so neither a retry nor a dead entry can turn the order round.
/// Holds at most ``Window`` in memory; what is beyond stays on disk until there is room.
package struct Lane {
    package struct Window: Sendable {
        package var entries: Int
        package var bytes: Int

        package init(entries: Int, bytes: Int) {
            self.entries = entries
            self.bytes = bytes
        }
    }

    enum Supply: Equatable {
        /// Everything that waits is in memory; new entries are handed over directly.
        case current
        /// The disk holds entries beyond ``taken``.
        case behind
        /// They are being read; `missed` says that more came meanwhile.
        case reading(missed: Bool)
    }

    let window: Window
    var supply = Supply.behind
    /// The last sequence that was taken into memory.
    var taken: Int64 = 0
    var footprint = 0
    var count = 0

    var ready = Queue<OutboxEntry>()
    /// Entries behind another of their user; every user in it has one entry on its way or in ``failed``.
    var held: [UserID: Queue<OutboxEntry>] = [:]
    var inFlight: [Int64: OutboxEntry] = [:]
    /// Entries from after this sequence on come again, but only once the lane is empty; see ``readmit(_:)``.
    var rewind: Int64?
    /// Wait for a retry, oldest first.
    var failed: [OutboxEntry] = []

    private var backOff = BackOff()
    /// Uptime before which nothing leaves; nil while all is well.
    private var resumesAt: Duration?
    /// After a failure one entry at a time leaves until one arrives.
    private var isProbing = false

    package init(window: Window) { self.window = window }

    /// A lane that is only ever handed its entries, at most ``room`` at a time.
    init(handedOnly window: Window) {
        self.window = window
        supply = .current
    }

    /// Entries that it would take now.
    var room: Int { footprint >= window.bytes ? 0 : max(0, window.entries - count) }
    /// Whether nothing waits or is on its way.
    package var isIdle: Bool { count == 0 && supply == .current }
    /// Whether it is up to date but for what a busy moment brings.
    var isNearlyIdle: Bool { supply == .current && count <= 128 }
    package var inFlightCount: Int { inFlight.count }
    package var isFailing: Bool { isProbing }
    package func isOnItsWay(_ sequence: Int64) -> Bool { inFlight[sequence] != nil }
    package var nextAttempt: Duration? { resumesAt }
    var isFull: Bool { count >= window.entries || footprint >= window.bytes }

    // MARK: Coming in

    /// Entries that have just been committed, in order; those that find no room are read from disk later.
    package mutating func handOver(_ entries: some Sequence<OutboxEntry>) {
        for entry in entries {
            switch supply {
            case .current where !isFull && rewind == nil: take(entry)
            case .current: supply = .behind
            case .behind: break
            case .reading: supply = .reading(missed: true)
            }
        }
    }

    /// From which sequence on, and how many entries, to read from disk now; nil when there is nothing to read or no room.
    package mutating func readRequest() -> (after: Int64, limit: Int)? {
        if let rewind {
            if case .reading = supply { return nil }
            guard count == 0 else { return nil }
            taken = min(taken, rewind)
            self.rewind = nil
            supply = .behind
        }
        // Half the window at a time: fewer, longer reads.
        guard supply == .behind, !isFull, count <= window.entries / 2 else { return nil }
        supply = .reading(missed: false)
        return (taken, max(1, min(1000, window.entries - count)))
    }

    /// What the read brought.
    package mutating func supplied(_ entries: [OutboxEntry], limit: Int) {
        guard case .reading(let missed) = supply else { return }
        supply = .current
        for entry in entries {
            if isFull { break }
            take(entry)
        }
        let tookAll = entries.last.map { $0.sequence == taken } ?? true
        if missed || entries.count == limit || !tookAll { supply = .behind }
    }

    package mutating func readFailed() { supply = .behind }

    private mutating func take(_ entry: OutboxEntry) {
        guard entry.sequence > taken else { return }
        taken = entry.sequence
        count += 1
        footprint += entry.footprint
        if let user = entry.user {
            if held[user] != nil {
                held[user]?.append(entry)
                return
            }
            held[user] = Queue()
        }
        ready.append(entry)
    }

    // MARK: Going out

    /// What may leave now, in order; each is in flight from here on.
    /// - Parameter uptime: the present moment.
    package mutating func departures(at uptime: Duration) -> [OutboxEntry] {
        if let resumesAt {
            guard uptime >= resumesAt else { return [] }
            self.resumesAt = nil
        }
        if isProbing {
            guard inFlight.isEmpty else { return [] }
            let probe = failed.isEmpty ? ready.popFirst().map { [$0] } ?? [] : [failed.removeFirst()]
            for entry in probe { inFlight[entry.sequence] = entry }
            return probe
        }
        var leaving = failed
        failed = []
        while let entry = ready.popFirst() { leaving.append(entry) }
        for entry in leaving { inFlight[entry.sequence] = entry }
        return leaving
    }

    /// Takes back an entry that could not even be handed to the producer; it leaves first next time.
    package mutating func turnedBack(_ sequence: Int64) {
        guard let entry = inFlight.removeValue(forKey: sequence) else { return }
        insertFailed(entry)
    }

    // MARK: Arriving

    /// What an outcome meant for the entry that it concerns.
    package enum Arrival {
        case published(OutboxEntry)
        case dead(OutboxEntry)
        case failed(OutboxEntry)
    }

    /// Nil for a report on an entry that is not on its way.
    package mutating func arrived(
        _ sequence: Int64,
        _ outcome: PublishOutcome,
        at uptime: Duration,
        within bounds: BackOff.Bounds,
        random: Double
    ) -> Arrival? {
        guard let entry = inFlight.removeValue(forKey: sequence) else { return nil }
        switch outcome {
        case .published:
            isProbing = false
            backOff.reset()
            release(entry)
            return .published(entry)
        case .dead:
            isProbing = false
            release(entry)
            return .dead(entry)
        case .retry, .fatal:
            insertFailed(entry)
            // Entries that failed together count as one failure.
            if resumesAt == nil, !isProbing || inFlight.isEmpty {
                resumesAt = uptime + backOff.next(within: bounds, random: random)
            }
            isProbing = true
            return .failed(entry)
        }
    }

    /// Sends no more entries before `uptime`.
    package mutating func pause(until uptime: Duration) { resumesAt = max(resumesAt ?? .zero, uptime) }

    mutating func insertFailed(_ entry: OutboxEntry) {
        // Entries mostly fail in the order in which they left.
        guard let last = failed.last, last.sequence > entry.sequence else { return failed.append(entry) }
        failed.insert(entry, at: failed.firstIndex { $0.sequence > entry.sequence } ?? failed.endIndex)
    }

    /// The entry is done; the next of its user may leave.
    private mutating func release(_ entry: OutboxEntry) {
        count -= 1
        footprint -= entry.footprint
        guard let user = entry.user else { return }
        if let next = held[user]?.popFirst() { ready.append(next) } else { held[user] = nil }
    }
}
