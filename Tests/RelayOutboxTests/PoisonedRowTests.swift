import RelayCore
import Synchronization
import Testing

@testable import RelayOutbox

@Suite("A row that the schema refuses", .timeLimit(.minutes(1)))
struct PoisonedRowTests {
    @Test("does not take those with it that share its transaction")
    func neighbours() async throws {
        let place = try TemporaryOutbox()
        let committed = Mutex<[EventID]>([])
        let outbox = try place.outbox()
        try await running(outbox, onCommit: { entries in committed.withLock { $0 += entries.map(\.id) } }) {
            let earlier = try await outbox.append(try SampleFact.sync("earlier"))
            try await outbox.execute(
                """
                CREATE TEMP TRIGGER poison BEFORE INSERT ON main.entries WHEN NEW.user = 'user-7'
                BEGIN SELECT RAISE(ABORT, 'poisoned'); END
                """
            )
            let facts = try (0..<20).map { try SampleFact.sync("user-\($0)") }
            let answers = try await withHeldWriter(outbox, of: facts) {
                outbox.publish(try await $0.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10))
            }
            for (fact, answer) in zip(facts, answers) {
                if fact.id == facts[7].id {
                    guard case .failure(.failed(let cause)) = answer else {
                        Issue.record("\(answer)")
                        return
                    }
                    #expect(cause.message == "poisoned")
                } else {
                    #expect((try? answer.get().isAccepted) == true)
                }
            }
            #expect(try await outbox.currentStatus().pending == 19)
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 20)
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 20)
            var expected = Set(facts.map(\.id))
            expected.remove(facts[7].id)
            expected.insert(earlier.id)
            let published = committed.withLock { Set($0) }
            #expect(published == expected)
        }
    }

    /// Appends `facts` while the writer is held, so that one transaction takes them all with what `settle` brings.
    private func withHeldWriter(
        _ outbox: SQLiteOutbox,
        of facts: [Fact],
        settle: (SQLiteOutbox) async throws -> Void
    ) async throws -> [Result<Receipt, OutboxError>] {
        try await settle(outbox)
        return try await withThrowingTaskGroup(of: (Int, Result<Receipt, OutboxError>).self) { group in
            try await outbox.holdingWriter {
                for (index, fact) in facts.enumerated() {
                    group.addTask { () -> (Int, Result<Receipt, OutboxError>) in
                        do throws(OutboxError) { return (index, .success(try await outbox.append(fact))) } catch {
                            return (index, .failure(error))
                        }
                    }
                }
                while outbox.mailbox.waitingAppends < facts.count {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
            return try await group.reduce(into: [Result<Receipt, OutboxError>](repeating: .failure(.closed), count: facts.count)) {
                $0[$1.0] = $1.1
            }
        }
    }
}
