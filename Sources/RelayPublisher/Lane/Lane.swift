package import RelayCore
package import RelayKafka

/// One topic's way to Kafka as a value: which entries are on their way, which wait and why. Does nothing itself; says what to do.
///
/// A user's next entry leaves only after the one before is settled, so neither a retry nor a dead entry can turn the order round.
/// Each partition has a share of the ``Window`` in memory; what is beyond stays on disk until there is room, and is read past, so that a
/// partition that takes nothing holds up only its own users. A wrong guess of the partition costs room, never order.
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
        /// Everything that waits is in memory, or left on disk for its partition; new entries are handed over directly.
        case current
        /// The disk holds entries beyond ``taken``.
        case behind
        /// They are being read; `missed` says that more came meanwhile.
        case reading(missed: Bool)
    }

    let window: Window
    var supply = Supply.behind
    /// The last sequence that was looked at: taken into memory, or left on disk.
    var taken: Int64 = 0
    var footprint = 0
    var count = 0

    /// Of entries without a key, which go to any partition; then one for each partition, a single one until their number is known.
    var partitions = [PartitionWindow(), PartitionWindow()]
    /// Entries behind another of their user; every user in it has one entry that is ready, on its way or waits for a retry.
    var held: [UserID: Queue<OutboxEntry>] = [:]
    var inFlight: [Int64: OutboxEntry] = [:]
    /// Nothing is read, and nothing leaves; see ``withhold()``.
    var isWithheld = false

    /// Entries whose timestamps were refused, and when they are tried again.
    var refused: [OutboxEntry] = []
    var refusal = Setback()
    /// Those of them that are tried again.
    var triedAgain: Set<Int64> = []
    /// What concerns the whole topic.
    var setback = Setback()

    /// From where entries that were left on disk are being read; nil while none are.
    var catchingUp: Int64?
    /// Which of the two reads was the last.
    var hasCaughtUpLast = false
    /// Settled during a read that may bring them once more.
    var settledMeanwhile: Set<Int64> = []
    /// Partitions that are to be read again from after a sequence on, once the read under way has ended.
    var rewinds: [Int: Int64] = [:]

    package init(window: Window) { self.window = window }

    /// A lane that is only ever handed its entries, at most ``room`` at a time.
    init(handedOnly window: Window) {
        self.window = window
        supply = .current
    }

    /// Entries that it would take now.
    var room: Int { footprint >= window.bytes ? 0 : max(0, window.entries - count) }
    /// Whether nothing waits or is on its way.
    package var isIdle: Bool { count == 0 && supply == .current && partitions.allSatisfy { $0.behind == nil } }
    package var inFlightCount: Int { inFlight.count }
    package var isFailing: Bool { setback.isProbing }
    package func isOnItsWay(_ sequence: Int64) -> Bool { inFlight[sequence] != nil }

    /// Whether it is up to date but for what a busy moment brings, and for partitions that take nothing.
    func isQuiet(at uptime: Duration) -> Bool {
        guard supply == .current, !isFailing else { return false }
        let moving = partitions.lazy.filter { !$0.isStill(for: .seconds(2), at: uptime) }
        return moving.allSatisfy { $0.behind == nil } && moving.reduce(0) { $0 + $1.count } <= 128
    }

    /// Whether more is to leave than is on its way, to partitions that take it.
    /// - Parameter stillness: how long one may have answered nothing.
    func isMoving(at uptime: Duration, stillFor stillness: Duration) -> Bool {
        guard !isFailing, !isWithheld else { return false }
        return partitions.contains { partition in
            partition.count > partition.inFlight && !partition.setback.isProbing && !partition.isStill(for: stillness, at: uptime)
        }
    }

    package var nextAttempt: Duration? {
        if isWithheld { return nil }
        return setback.resumesAt ?? (partitions.compactMap(\.setback.resumesAt) + [refusal.resumesAt].compactMap(\.self)).min()
    }

    // MARK: Going out

    /// What may leave now, in order; each is in flight from here on.
    /// - Parameter uptime: the present moment.
    package mutating func departures(at uptime: Duration) -> [OutboxEntry] {
        if isWithheld { return [] }
        if setback.rests(at: uptime) { return [] }
        if !refusal.rests(at: uptime), !refused.isEmpty {
            triedAgain.formUnion(refused.lazy.map(\.sequence))
            for entry in refused { partitions[place(of: entry)].insertFailed(entry) }
            refused = []
        }
        var leaving: [OutboxEntry] = []
        for place in partitions.indices where !partitions[place].setback.rests(at: uptime) {
            let isProbing = setback.isProbing || partitions[place].setback.isProbing
            // A partition that takes nothing keeps its entries: the others show whether the topic takes any.
            if isProbing, partitions[place].inFlight > 0 { continue }
            if setback.isProbing, leaving.count >= Self.probes { continue }
            let entries = partitions[place].leave(onlyOne: isProbing)
            guard !entries.isEmpty else { continue }
            partitions[place].inFlight += entries.count
            if partitions[place].stillSince == nil { partitions[place].stillSince = uptime }
            leaving += entries
        }
        for entry in leaving { inFlight[entry.sequence] = entry }
        return leaving
    }

    /// Partitions that are tried at a time after a fault of the topic.
    private static let probes = 8

    /// Takes back an entry that could not even be handed to the producer; it leaves first next time.
    package mutating func turnedBack(_ sequence: Int64) {
        guard let (entry, place) = back(sequence) else { return }
        partitions[place].insertFailed(entry)
    }

    /// Takes back all that is on its way, in order. Answers how many that were.
    mutating func takeBack() -> Int {
        let lost = inFlight.keys.sorted()
        for sequence in lost { turnedBack(sequence) }
        return lost.count
    }

    private mutating func back(_ sequence: Int64) -> (OutboxEntry, place: Int)? {
        guard let entry = inFlight.removeValue(forKey: sequence) else { return nil }
        let place = place(of: entry)
        partitions[place].inFlight -= 1
        return (entry, place)
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
        guard let (entry, place) = back(sequence) else { return nil }
        let wasRefused = triedAgain.remove(sequence) != nil
        switch outcome {
        case .published:
            setback.arrived()
            partitions[place].setback.arrived()
            if wasRefused { refusal.arrived() }
            release(entry, place, at: uptime)
            return .published(entry)
        case .dead:
            setback.answered()
            partitions[place].setback.answered()
            release(entry, place, at: uptime)
            return .dead(entry)
        case .retry(let code, _):
            switch RetryScope(code: code) {
            case .record:
                refused.append(entry)
                refusal.failed(at: uptime, within: bounds, random: random)
                partitions[place].moved(at: uptime)
            case .partition:
                partitions[place].insertFailed(entry)
                partitions[place].setback.failed(at: uptime, within: bounds, random: random)
            case .topic:
                partitions[place].insertFailed(entry)
                setback.failed(at: uptime, within: bounds, random: random)
            }
            return .failed(entry)
        case .fatal:
            partitions[place].insertFailed(entry)
            setback.failed(at: uptime, within: bounds, random: random)
            return .failed(entry)
        }
    }

    /// Sends no more entries before `uptime`.
    package mutating func pause(until uptime: Duration) { setback.pause(until: uptime) }

    /// The entry is done; the next of its user may leave.
    private mutating func release(_ entry: OutboxEntry, _ place: Int, at uptime: Duration) {
        count -= 1
        footprint -= entry.footprint
        partitions[place].subtract(entry)
        partitions[place].moved(at: uptime)
        if catchingUp != nil || entry.sequence > taken { settledMeanwhile.insert(entry.sequence) }
        guard let user = entry.user else { return }
        if let next = held[user]?.popFirst() { partitions[place].ready.append(next) } else { held[user] = nil }
    }
}
