import RelayCore
import RelayKafka
import RelayOutbox

/// One replay under way, as a value: what was read, what is on its way, what is done and not yet written down. Does nothing itself.
///
/// One entry of a user at a time is on its way, so a replay keeps each user's order. What is read but not written down as done is at
/// most ``window`` entries, beside those on their way to partitions that take nothing: so many are published twice when the process is killed,
/// never more. Such a partition is passed over; its entries are read again once it takes records.
struct ReplayRun {
    static let window = 256
    /// Outcomes are written down when so many have gathered, or ``patience`` after the first of them.
    static let batch = 128
    static let patience = Duration.milliseconds(250)

    let record: ReplayRecord
    private(set) var lane = Lane(handedOnly: Lane.Window(entries: window * 4, bytes: 8 << 20))
    private var passing = PartitionPassing()
    /// Read and waiting for the rate's leave.
    private var waiting = Queue<OutboxEntry>()
    private var waitingCount = 0
    /// Read, in order, and not known to be done.
    private var open: [Int64] = []
    private var outcomes: [ReplayOutcome] = []
    private var firstOutcome: Duration?
    /// Up to where entries were read; nil before the first read.
    private var read: Int64?
    private(set) var hasReadAll = false
    private var allowance: Double
    private var filledAt: Duration?

    init(_ record: ReplayRecord) {
        self.record = record
        allowance = 1
    }

    /// The token under which Kafka's reports name an entry of a replay: live entries have the positive numbers.
    static func token(of sequence: Int64) -> Int64 { -sequence }
    static func sequence(of token: Int64) -> Int64 { -token }

    // MARK: Coming in

    /// From where on, and how many entries, to read now; nil when there is nothing to read or no room.
    var readRequest: (after: Int64?, limit: Int)? {
        let limit = Self.window - (open.count - passing.inFlight) - outcomes.count
        return hasReadAll || waitingCount > 0 || limit < Self.window / 4 || lane.room < Self.window ? nil : (read, limit)
    }

    /// What the read brought; `next` is nil at the end.
    mutating func supplied(_ entries: [OutboxEntry], damaged: [Int64], next: Int64?, at now: Timestamp, uptime: Duration) {
        let unwritten = Set(outcomes.map(\.sequence))
        for entry in entries where !passing.passes(entry) && !unwritten.contains(entry.sequence) {
            // What is on its way may be read again.
            let index = open.firstIndex { $0 >= entry.sequence } ?? open.endIndex
            if index < open.endIndex, open[index] == entry.sequence { continue }
            open.insert(entry.sequence, at: index)
            waiting.append(entry)
            waitingCount += 1
        }
        read = next ?? read
        hasReadAll = next == nil
        for sequence in damaged where !unwritten.contains(sequence) {
            add(
                ReplayOutcome(sequence: sequence, at: now, result: .failure(.init(code: "damaged", detail: "its row cannot be read"))),
                uptime
            )
        }
    }

    // MARK: Going out

    /// What may leave now by order, rate and room; each is on its way from here on.
    mutating func departures(at uptime: Duration) -> [OutboxEntry] {
        refill(at: uptime)
        passOver(at: uptime)
        while allowance >= 1, lane.room > 0, let entry = waiting.popFirst() {
            waitingCount -= 1
            allowance -= 1
            lane.handOver(CollectionOfOne(entry))
        }
        let leaving = lane.departures(at: uptime)
        for entry in leaving { passing.left(entry, at: uptime) }
        return leaving
    }

    /// Takes the partitions of topics as they are known now.
    mutating func setPartitionCounts(_ counts: [TopicName: Int]) { passing.setCounts(counts) }

    /// Gives way to others where a partition takes nothing, and goes back for what was passed over when all else is done.
    private mutating func passOver(at uptime: Duration) {
        for place in passing.newlyStill(at: uptime) {
            var passed = lane.withdraw { passing.place(of: $0) == place }
            var kept = Queue<OutboxEntry>()
            waitingCount = 0
            while let entry = waiting.popFirst() {
                if passing.place(of: entry) == place {
                    passed.append(entry.sequence)
                } else {
                    kept.append(entry)
                    waitingCount += 1
                }
            }
            waiting = kept
            let gone = Set(passed)
            open.removeAll { gone.contains($0) }
            passing.pass(over: place, from: passed.min() ?? (read ?? 0) + 1)
        }
        guard hasReadAll, waitingCount == 0, outcomes.isEmpty, open.count <= passing.inFlight, let from = passing.goBack() else { return }
        read = from
        hasReadAll = false
        lane.goBack(to: from)
    }

    /// Leave for at most a tenth of a second's worth gathers, so that a pause is not made up for by a burst.
    private mutating func refill(at uptime: Duration) {
        let elapsed = filledAt.map { (uptime - $0) / .seconds(1) } ?? 0
        filledAt = uptime
        allowance = min(max(1, Double(record.rate) / 10), allowance + elapsed * Double(record.rate))
    }

    mutating func turnedBack(_ sequence: Int64, until uptime: Duration) {
        if let entry = lane.inFlight[sequence] { passing.cameBack(entry) }
        lane.turnedBack(sequence)
        lane.pause(until: uptime)
    }

    /// Takes back all that is on its way. Answers how many that were.
    mutating func takeBack(at uptime: Duration) -> Int {
        let lost = lane.inFlight.keys.sorted()
        for sequence in lost { turnedBack(sequence, until: uptime) }
        return lost.count
    }

    mutating func pause(until uptime: Duration) { lane.pause(until: uptime) }

    /// When to look again if nothing else happens; nil when only a report can change anything.
    func nextLook(at uptime: Duration) -> Duration? {
        var moments: [Duration] = []
        if let attempt = lane.nextAttempt { moments.append(attempt) }
        if hasReadAll, passing.hasMoved { moments.append(uptime + .milliseconds(20)) }
        if let look = passing.nextLook { moments.append(max(look, uptime + .milliseconds(100))) }
        if waitingCount > 0, lane.room > 0 { moments.append(uptime + max(.milliseconds(5), .seconds(1 / Double(record.rate)))) }
        if let firstOutcome { moments.append(firstOutcome + Self.patience) }
        return moments.min()
    }

    // MARK: Arriving

    /// What an outcome meant; nil for a report on an entry that is not on its way.
    mutating func arrived(
        _ sequence: Int64,
        _ outcome: PublishOutcome,
        at now: Timestamp,
        uptime: Duration,
        within bounds: BackOff.Bounds,
        random: Double
    ) -> Lane.Arrival? {
        let arrival = lane.arrived(sequence, outcome, at: uptime, within: bounds, random: random)
        switch arrival {
        case .published(let entry), .dead(let entry): passing.answered(entry, at: uptime)
        case .failed(let entry): passing.cameBack(entry)
        case nil: break
        }
        switch (arrival, outcome) {
        case (.published, .published(let partition, let offset)):
            add(ReplayOutcome(sequence: sequence, at: now, result: .success(.init(partition: partition, offset: offset))), uptime)
        case (.dead, .dead(let code, let detail)):
            add(ReplayOutcome(sequence: sequence, at: now, result: .failure(.init(code: code, detail: detail))), uptime)
        default: break
        }
        return arrival
    }

    private mutating func add(_ outcome: ReplayOutcome, _ uptime: Duration) {
        outcomes.append(outcome)
        firstOutcome = firstOutcome ?? uptime
        // A damaged row was never opened.
        if let index = open.firstIndex(of: outcome.sequence) { open.remove(at: index) }
    }

    // MARK: Writing down

    var isFinished: Bool { hasReadAll && open.isEmpty && waitingCount == 0 && !passing.isPassing }

    /// What is to be written down now, with the position up to which everything is done; nil while it can wait.
    mutating func takeProgress(at uptime: Duration) -> (outcomes: [ReplayOutcome], position: Int64)? {
        let isDue = firstOutcome.map { uptime >= $0 + Self.patience } ?? false
        return isFinished || isDue || outcomes.count >= Self.batch ? takeRest() : nil
    }

    /// All that is not written down yet.
    mutating func takeRest() -> (outcomes: [ReplayOutcome], position: Int64) {
        defer {
            outcomes = []
            firstOutcome = nil
        }
        let bounds = [open.first.map { $0 - 1 }, passing.first.map { $0 - 1 }, hasReadAll ? record.lastSequence : read ?? 0]
        return (outcomes, bounds.compactMap(\.self).min() ?? 0)
    }

    /// Takes back what could not be written down.
    mutating func putBack(_ outcomes: [ReplayOutcome], at uptime: Duration) {
        self.outcomes = outcomes + self.outcomes
        firstOutcome = uptime + .seconds(1)
    }
}
