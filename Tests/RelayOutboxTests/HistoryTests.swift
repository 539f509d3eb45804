import RelayCore
import Testing

@testable import RelayOutbox

@Suite("What is kept of copies and failures", .timeLimit(.minutes(5)))
struct HistoryTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox() }

    @Test("is bounded for a fact that comes again and again")
    func suppressed() async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync()
            for _ in 0..<151 { _ = try await outbox.append(fact) }
            #expect(try await outbox.integer("SELECT count(*) FROM suppressed") == 100)
            #expect(try await outbox.integer("SELECT duplicates FROM facts") == 150)
        }
    }

    @Test("goes with the entry, and does not come back for copies that follow")
    func suppressedAfterPruning() async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync()
            for _ in 0..<3 { _ = try await outbox.append(fact) }
            outbox.publish(try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 1))
            _ = try await outbox.currentStatus()
            place.time.advance(.seconds(8 * 86_400))
            _ = try await outbox.currentStatus()
            #expect(try await outbox.integer("SELECT count(*) FROM suppressed") == 0)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
            #expect(try await outbox.integer("SELECT count(*) FROM suppressed") == 0)
            #expect(try await outbox.integer("SELECT duplicates FROM facts") == 3)
        }
    }

    @Test("is the newest twenty failures of an entry that is tried for ever")
    func failures() async throws {
        try await place.withOutbox { outbox in
            for user in ["user-1", "user-2"] { _ = try await outbox.append(try SampleFact.sync(user)) }
            let entries = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 2)
            for number in 0..<50 {
                for entry in entries {
                    let moment = SampleFact.start.advanced(by: .seconds(number))
                    outbox.settle([
                        try Settlement(sequence: entry.sequence, at: moment, outcome: .failed(code: "timed_out", detail: "\(number)"))
                    ])
                }
            }
            _ = try await outbox.currentStatus()
            #expect(try await outbox.integer("SELECT count(*) FROM failures") == 40)
            #expect(try await outbox.integer("SELECT count(*) FROM failures WHERE CAST(detail AS INTEGER) >= 30") == 40)
            #expect(try await outbox.integer("SELECT attempts FROM outbox WHERE sequence = \(entries[0].sequence)") == 50)
        }
    }
}
