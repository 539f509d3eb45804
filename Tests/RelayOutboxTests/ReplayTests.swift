import RelayCore
import Testing

@testable import RelayOutbox

@Suite("The books of a replay", .timeLimit(.minutes(5)))
struct ReplayTests {
    private let place: TemporaryOutbox
    private let topic = "argyle.users.fully-synced"

    init() throws { place = try TemporaryOutbox() }

    private func add(_ outbox: SQLiteOutbox, _ filter: OutboxFilter = OutboxFilter()) async throws -> ReplayRecord {
        let id = EventID(naming: Array("\(filter)".utf8))
        return try await outbox.addReplay(
            id: id,
            of: filter,
            count: try await outbox.countReplay(filter),
            rate: 100,
            requestedBy: "test"
        )
    }

    private func outcome(_ sequence: Int64) -> ReplayOutcome {
        ReplayOutcome(sequence: sequence, at: SampleFact.start, result: .success(.init(partition: 1, offset: sequence + 500)))
    }

    @Test("mean what was published when it was ordered, in order, and nothing that came later")
    func selection() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<6 { _ = try await outbox.append(try SampleFact.sync("user-\(number % 2)", ["a\(number)"])) }
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 4), at: place.time.now)
            let replay = try await add(outbox)
            #expect(replay.total == 4 && replay.gone == 0)
            place.time.advance(.seconds(1))
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 4), at: place.time.now)
            let found = try await outbox.entries(of: replay, after: nil, limit: 3)
            #expect(found.entries.map(\.sequence) == [1, 2, 3] && found.next == 3)
            #expect(found.entries.allSatisfy { $0.replay == replay.id.description })
            let rest = try await outbox.entries(of: replay, after: 3, limit: 3)
            #expect(rest.entries.map(\.sequence) == [4] && rest.next == nil)
        }
    }

    @Test("outlive the process: what was recorded is not published again, what was not is")
    func resume() async throws {
        let id = try await place.withOutbox { outbox in
            for number in 0..<6 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 6), at: place.time.now)
            let replay = try await add(outbox)
            try await outbox.record([outcome(1), outcome(2), outcome(4)], of: replay.id, position: 2, isFinished: false)
            return replay.id
        }
        try await place.withOutbox { outbox in
            let replay = try #require(try await outbox.nextReplay())
            #expect(replay.id == id && replay.done == 3 && replay.total == 6 && replay.finished == nil && replay.started != nil)
            #expect(try await outbox.entries(of: replay, after: nil, limit: 10).entries.map(\.sequence) == [3, 5, 6])
            let refusal = ReplayOutcome(sequence: 5, at: SampleFact.start, result: .failure(.init(code: "c", detail: "d")))
            try await outbox.record([outcome(3), refusal, outcome(6), outcome(6)], of: id, position: 6, isFinished: true)
            let done = try #require(try await outbox.replay(id))
            #expect(done.done == 5 && done.failed == 1 && done.gone == 0 && done.finished != nil)
            #expect(try await outbox.nextReplay() == nil)
            let record = try #require(try await outbox.event(try SampleFact.sync("user-3").id))
            #expect(record.replays?.map(\.offset) == [504] && record.state == .published && record.offset == 104)
        }
    }

    @Test("say what is gone: pruned before the order, or while it was carried out")
    func gone() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<3 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 2), at: place.time.now)
            // Settled first: an entry that still waits is not pruned, and the next slice comes only after some time.
            _ = try await outbox.currentStatus()
            place.time.advance(.seconds(8 * 86_400))
            while try await outbox.integer("SELECT count(*) FROM entries") > 1 {
                try Task.checkCancellation()
                place.time.advance(.seconds(1))
            }
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 2), at: place.time.now)
            let replay = try await add(outbox)
            #expect(replay.total == 1 && replay.gone == 2)
            // Settled first: an entry that still waits is not pruned, and the next slice comes only after some time.
            _ = try await outbox.currentStatus()
            place.time.advance(.seconds(8 * 86_400))
            while try await outbox.integer("SELECT count(*) FROM entries") > 0 {
                try Task.checkCancellation()
                place.time.advance(.seconds(1))
            }
            #expect(try await outbox.entries(of: replay, after: nil, limit: 9).entries.isEmpty)
            try await outbox.record([], of: replay.id, position: 3, isFinished: true)
            #expect(try await outbox.replay(replay.id)?.gone == 3)
        }
    }

    @Test("mean dead entries only where these are asked for, and leave them dead")
    func dead() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1"))
            outbox.settle([try Settlement(sequence: 1, at: place.time.now, outcome: .dead(code: "c", detail: "d"))])
            #expect(try await outbox.countReplay(OutboxFilter()).total == 0)
            var filter = OutboxFilter()
            filter.state = .dead
            let replay = try await add(outbox, filter)
            #expect(replay.total == 1)
            try await outbox.record([outcome(1)], of: replay.id, position: 1, isFinished: true)
            #expect(try await outbox.currentStatus().dead == 1)
        }
    }
}
