import RelayCore
import Synchronization

/// What waits for the writer, and what it has taken and not answered yet. Whoever finds it full is told so; whoever comes after closing
/// likewise; and whoever has waited too long is told that as well, whether the writer has taken it or not.
///
/// Time is counted in ticks of ``tickLength``, so that an append costs no look at a clock.
final class Mailbox: Sendable {
    /// All that came since the writer looked last.
    struct Batch {
        var appends: [Append] = []
        var settlements: [Settlement] = []
        var visits: [Visit] = []
        var isClosing = false
    }

    struct Append: Sendable {
        let fact: Fact
        /// When it came.
        let tick: Int
        let answer: CheckedContinuation<Result<Receipt, OutboxError>, Never>
    }

    /// Something that is to be done between two transactions.
    struct Visit: Sendable {
        fileprivate(set) var tick = 0
        let run: @Sendable (isolated OutboxWriter) -> Void
        /// Of no effect once it has run or was refused.
        let refuse: @Sendable (OutboxError) -> Void
    }

    /// How the store kept up, as of the last tick.
    enum Pace {
        case slow
        /// It keeps up again, after so long.
        case wellAgain(Duration)
    }

    static let tickLength = Duration.milliseconds(250)
    /// Far above what the listener's connections can bring; what goes beyond is a mistake that must not take the memory.
    private static let capacity = 65_536
    /// Of delivered bodies, beyond the first.
    private static let byteCapacity = 256 << 20
    /// Questions wait no longer than this, whatever deliveries do.
    private static let longestVisit = 32

    private struct State {
        var batch = Batch()
        /// Of the bodies in ``batch``.
        var bytes = 0
        /// What the writer has taken; those before ``answered`` are answered.
        var underWay: [Append] = []
        var answered = 0
        var visitsUnderWay: [Visit] = []
        var tick = 0
        /// When the writer began what it is at.
        var turn: Int?
        /// Those that the writer has ended.
        var turns = 0
        /// An append is answered within so many ticks.
        var patience: Int
        var slowSince: Int?
        /// When somebody had waited too long, last.
        var lastOverdue = 0
        var settlementsKept = SettlementHistory()
    }

    private let state: Mutex<State>
    private let wakeUps: AsyncStream<Void>.Continuation
    /// Yields when something waits; several may become one.
    let arrivals: AsyncStream<Void>

    init(answerTimeout: Duration = .seconds(8)) {
        state = Mutex(State(patience: Self.ticks(in: answerTimeout)))
        (arrivals, wakeUps) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ fact: Fact) async throws(OutboxError) -> Receipt {
        let result = await withCheckedContinuation { answer in
            let size = fact.size
            let refusal: OutboxError? = state.withLock { state in
                if state.batch.isClosing { return .closed }
                let isFull = state.batch.appends.count >= Self.capacity || state.bytes + size > Self.byteCapacity
                if isFull, !state.batch.appends.isEmpty { return .slow }
                state.batch.appends.append(Append(fact: fact, tick: state.tick, answer: answer))
                state.bytes += size
                return nil
            }
            if let refusal { answer.resume(returning: .failure(refusal)) } else { wakeUps.yield() }
        }
        return try result.get()
    }

    func settle(_ settlements: [Settlement]) {
        state.withLock { state in
            state.batch.settlements.append(contentsOf: settlements)
            state.settlementsKept.shorten(&state.batch.settlements)
        }
        wakeUps.yield()
    }

    /// Has `visit` run between two transactions.
    func visit(_ visit: Visit) throws(OutboxError) {
        let isOpen = state.withLock { state in
            guard !state.batch.isClosing else { return false }
            var visit = visit
            visit.tick = state.tick
            state.batch.visits.append(visit)
            return true
        }
        guard isOpen else { throw .closed }
        wakeUps.yield()
    }

    /// Has the writer look around although nothing came.
    func wake() { wakeUps.yield() }

    func close() {
        state.withLock { $0.batch.isClosing = true }
        wakeUps.yield()
    }

    func setAnswerTimeout(_ timeout: Duration) {
        let patience = Self.ticks(in: timeout)
        state.withLock { $0.patience = patience }
    }

    private static func ticks(in duration: Duration) -> Int { max(1, Int((duration / tickLength).rounded(.down))) }
}

/// The writer's side.
extension Mailbox {
    // What the writer has not taken yet.
    var waitingAppends: Int { state.withLock { $0.batch.appends.count } }
    var waitingSettlements: Int { state.withLock { $0.batch.settlements.count } }
    var waitingVisits: Int { state.withLock { $0.batch.visits.count } }

    /// Begins a turn of the writer.
    func take() -> Batch {
        state.withLock { state in
            let taken = state.batch
            state.batch = Batch(isClosing: taken.isClosing)
            state.bytes = 0
            state.underWay = taken.appends
            state.answered = 0
            state.visitsUnderWay = taken.visits
            state.turn = state.tick
            state.settlementsKept = SettlementHistory()
            return taken
        }
    }

    /// Answers those of the appends taken that lie from `position` on, in order. Those that had to be told meanwhile that it takes too
    /// long are passed over.
    func answer(_ results: [Result<Receipt, OutboxError>], from position: Int) {
        let (waiting, first) = state.withLock { state in
            let end = min(position + results.count, state.underWay.count)
            let first = min(max(position, state.answered), end)
            state.answered = max(state.answered, end)
            return (state.underWay[first..<end], first)
        }
        for (append, result) in zip(waiting, results.dropFirst(first - position)) { append.answer.resume(returning: result) }
    }

    /// Ends the turn.
    func finish() {
        state.withLock { state in
            state.underWay = []
            state.answered = 0
            state.visitsUnderWay = []
            state.turn = nil
            state.turns += 1
        }
    }
}

/// The watch's side.
extension Mailbox {
    var isSlow: Bool { state.withLock { $0.slowSince != nil } }

    var turns: Int { state.withLock { $0.turns } }

    /// How long the writer has been at what it does now; nil between two turns.
    var turnAge: Duration? { state.withLock { state in state.turn.map { Self.tickLength * (state.tick - $0) } } }

    /// Lets one tick pass and tells those who have waited too long so: what the writer has not taken of them is dropped, so that nothing
    /// gathers here however long a commit takes.
    func tick() -> Pace? {
        let (appends, visits, pace) = state.withLock { state in
            state.tick += 1
            let appends = Self.takeOverdue(&state)
            let visits = Self.takeOverdueVisits(&state)
            if !appends.isEmpty { state.lastOverdue = state.tick }
            let age = state.turn.map { state.tick - $0 } ?? 0
            let isSlow = !appends.isEmpty || age >= state.patience
            if let since = state.slowSince {
                guard !isSlow, age * 2 < state.patience, state.tick - state.lastOverdue >= min(state.patience, 8) else {
                    return (appends, visits, Pace?.none)
                }
                state.slowSince = nil
                return (appends, visits, .wellAgain(Self.tickLength * (state.tick - since)))
            }
            if isSlow { state.slowSince = state.tick - max(age, state.patience) }
            return (appends, visits, isSlow ? .slow : nil)
        }
        for append in appends { append.answer.resume(returning: .failure(.slow)) }
        for visit in visits { visit.refuse(.slow) }
        return pace
    }

    /// They come in order, so the overdue ones are the first.
    private static func takeOverdue(_ state: inout State) -> [Append] {
        let latest = state.tick - state.patience
        let taken = state.underWay[state.answered...].prefix { $0.tick <= latest }
        state.answered += taken.count
        let waiting = state.batch.appends.prefix { $0.tick <= latest }
        let overdue = Array(taken) + waiting
        if !waiting.isEmpty {
            state.bytes -= waiting.reduce(0) { $0 + $1.fact.size }
            state.batch.appends.removeFirst(waiting.count)
        }
        return overdue
    }

    private static func takeOverdueVisits(_ state: inout State) -> [Visit] {
        let latest = state.tick - min(state.patience, longestVisit)
        let taken = state.visitsUnderWay.prefix { $0.tick <= latest }
        state.visitsUnderWay.removeFirst(taken.count)
        let waiting = state.batch.visits.prefix { $0.tick <= latest }
        let overdue = Array(taken) + waiting
        state.batch.visits.removeFirst(waiting.count)
        return overdue
    }
}

extension Fact {
    /// Bytes of the delivery's body, which is nearly all that it holds.
    fileprivate var size: Int {
        switch content {
        case .event(let event): event.body.count
        case .unreadable(_, let delivery): delivery.body.count
        }
    }
}
