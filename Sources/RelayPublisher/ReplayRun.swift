import RelayCore
import RelayKafka
import RelayOutbox

/// One replay under way, as a value: what was read, what is on its way, what is done and not yet written down. Does nothing itself.
///
/// One entry of a user at a time is on its way, so a replay keeps each user's order. What is read but not written down as done is at
/// most ``window`` entries: so many are published twice when the process is killed, never more.
struct ReplayRun {
    static let window = 256
    /// Outcomes are written down when so many have gathered, or ``patience`` after the first of them.
    static let batch = 128
    static let patience = Duration.milliseconds(250)

    let record: ReplayRecord
    private(set) var lane = Lane(handedOnly: Lane.Window(entries: window, bytes: 8 << 20))
    /// Read and waiting for the rate's leave.
    private var waiting = Queue<OutboxEntry>()
    private var waitingCount = 0
    /// Read, in order, and not known to be done.
    private var open: [Int64] = []
    private var closed: Set<Int64> = []
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
        let limit = Self.window - open.count - closed.count - outcomes.count
        return hasReadAll || waitingCount > 0 || limit < Self.window / 4 ? nil : (read, limit)
    }

    /// What the read brought; `next` is nil at the end.
    mutating func supplied(_ entries: [OutboxEntry], damaged: [Int64], next: Int64?, at now: Timestamp, uptime: Duration) {
        for entry in entries { waiting.append(entry) }
        waitingCount += entries.count
        open += entries.map(\.sequence)
        read = next ?? read
        hasReadAll = next == nil
        for sequence in damaged {
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
        while allowance >= 1, lane.room > 0, let entry = waiting.popFirst() {
            waitingCount -= 1
            allowance -= 1
            lane.handOver(CollectionOfOne(entry))
        }
        return lane.departures(at: uptime)
    }

    /// Leave for at most a tenth of a second's worth gathers, so that a pause is not made up for by a burst.
    private mutating func refill(at uptime: Duration) {
        let elapsed = filledAt.map { (uptime - $0) / .seconds(1) } ?? 0
        filledAt = uptime
        allowance = min(max(1, Double(record.rate) / 10), allowance + elapsed * Double(record.rate))
    }

    mutating func turnedBack(_ sequence: Int64, until uptime: Duration) {
        lane.turnedBack(sequence)
        lane.pause(until: uptime)
    }

    mutating func pause(until uptime: Duration) { lane.pause(until: uptime) }

    /// When to look again if nothing else happens; nil when only a report can change anything.
    func nextLook(at uptime: Duration) -> Duration? {
        var moments: [Duration] = []
        if let attempt = lane.nextAttempt { moments.append(attempt) }
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
        closed.insert(outcome.sequence)
        var done = 0
        while done < open.count, closed.remove(open[done]) != nil { done += 1 }
        open.removeFirst(done)
        // A damaged row was never opened.
        if open.isEmpty { closed.removeAll() }
    }

    // MARK: Writing down

    var isFinished: Bool { hasReadAll && open.isEmpty && waitingCount == 0 }

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
        return (outcomes, open.first.map { $0 - 1 } ?? (hasReadAll ? record.lastSequence : read ?? 0))
    }

    /// Takes back what could not be written down.
    mutating func putBack(_ outcomes: [ReplayOutcome], at uptime: Duration) {
        self.outcomes = outcomes + self.outcomes
        firstOutcome = uptime + .seconds(1)
    }
}
