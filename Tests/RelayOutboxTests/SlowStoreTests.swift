import RelayCore
import Synchronization
import Testing

@testable import RelayOutbox

/// The test's beats are the ticks by which waiting is counted: 32 are the eight seconds that an append may wait.
@Suite("A store that does not answer", .timeLimit(.minutes(1)))
struct SlowStoreTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox() }

    private func appending(_ outbox: SQLiteOutbox, _ fact: Fact) -> Task<Result<Receipt, OutboxError>, Never> {
        Task {
            do throws(OutboxError) { return .success(try await outbox.append(fact)) } catch { return .failure(error) }
        }
    }

    private func until(_ condition: () -> Bool) async throws {
        while !condition() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test("has deliveries told so in time: what it has taken is there once, what it has not is dropped")
    func appends() async throws {
        let outbox = try place.outbox()
        let committed = Mutex<[EventID]>([])
        let taken = try SampleFact.sync("taken")
        let waiting = try SampleFact.sync("waiting")
        let gate = Gate()
        try await running(outbox, onCommit: { entries in committed.withLock { $0 += entries.map(\.id) } }) {
            var notices = outbox.notices.makeAsyncIterator()
            try await outbox.visit { writer throws(SQLiteError) in try writer.connection.onInsert("entries") { gate.wait() } }
            let first = appending(outbox, taken)
            await gate.entered()
            let second = appending(outbox, waiting)
            try await until { outbox.mailbox.waitingAppends == 1 }
            for _ in 0..<31 { _ = outbox.mailbox.tick() }
            #expect(outbox.mailbox.waitingAppends == 1 && !outbox.status.isSlow)
            place.beats.beat()
            #expect(await first.value == .failure(.slow))
            #expect(await second.value == .failure(.slow))
            #expect(await notices.next() == .slow(path: place.path))
            #expect(outbox.status.trouble == .slow && outbox.mailbox.waitingAppends == 0)

            gate.open()
            #expect(try await outbox.append(taken) == .duplicate(taken.id))
            #expect(try await outbox.append(waiting).isAccepted)
            #expect(committed.withLock { $0 } == [taken.id, waiting.id])
            for _ in 0..<8 { _ = outbox.mailbox.tick() }
            #expect(!outbox.status.isSlow)
        }
    }

    @Test("holds nothing of what has been told so, by count and by bytes, however long it hangs")
    func bounded() async throws {
        let outbox = try place.outbox()
        try await running(outbox) {
            let answers = try await outbox.holdingWriter {
                var answers: [Result<Receipt, OutboxError>] = []
                for round in 0..<50 {
                    let waiting = try (0..<20).map { appending(outbox, try SampleFact.sync("\(round)-\($0)")) }
                    try await until { outbox.mailbox.waitingAppends == waiting.count }
                    for _ in 0..<33 { _ = outbox.mailbox.tick() }
                    for append in waiting { answers.append(await append.value) }
                    #expect(outbox.mailbox.waitingAppends == 0)
                }
                return answers
            }
            #expect(answers.count == 1000 && answers.allSatisfy { $0 == .failure(.slow) })
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 0)
        }
    }

    @Test("keeps the last of an entry's failures while none can be recorded, and everything that settles one")
    func settlements() async throws {
        try await place.withOutbox { outbox in
            for user in 0..<3 { _ = try await outbox.append(try SampleFact.sync("user-\(user)")) }
            let entries = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 3)
            try await outbox.holdingWriter {
                outbox.publish([entries[0]])
                for number in 0..<100_000 {
                    let outcome = Settlement.Outcome.failed(code: "timed_out", detail: "\(number)")
                    outbox.settle([try Settlement(sequence: entries[1].sequence, at: SampleFact.start, outcome: outcome)])
                }
                #expect(outbox.mailbox.waitingSettlements < 9000)
            }
            #expect(try await outbox.currentStatus().pending == 2)
            #expect(try await outbox.integer("SELECT max(CAST(detail AS INTEGER)) FROM failures") == 99_999)
        }
    }

    @Test("has questions told so too: those that wait are not done, and the end of one that is under way is not awaited")
    func visits() async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync()
            _ = try await outbox.append(fact)
            let dead = try Settlement(sequence: 1, at: SampleFact.start, outcome: .dead(code: "c", detail: "d"))
            outbox.settle([dead])
            let gate = Gate()
            let readmitted = Mutex<[Int64]>([])
            try await outbox.visit { writer throws(SQLiteError) in try writer.connection.onInsert("pending") { gate.wait() } }
            let retry = Task { () throws(OutboxError) in
                try await outbox.retry(fact.id) { entry in readmitted.withLock { $0.append(entry.sequence) } }
            }
            await gate.entered()
            let question = Task { () throws(OutboxError) in try await outbox.topicsPending() }
            let discard = Task { () throws(OutboxError) in try await outbox.discard(fact.id, reason: "r") }
            try await until { outbox.mailbox.waitingVisits == 2 }
            for _ in 0..<33 { _ = outbox.mailbox.tick() }
            await #expect(throws: OutboxError.slow) { try await retry.value }
            await #expect(throws: OutboxError.slow) { try await question.value }
            await #expect(throws: OutboxError.slow) { try await discard.value }
            gate.open()
            #expect(try await outbox.currentStatus().pending == 1)
            #expect(readmitted.withLock { $0 } == [1])
            #expect(try await outbox.integer("SELECT count(*) FROM discards") == 0)
        }
    }
}
