import RelayCore
import Testing

@testable import RelayOutbox

@Suite("A dead entry", .timeLimit(.minutes(5)))
struct RepairTests {
    private let place: TemporaryOutbox
    private let topic = "argyle.users.fully-synced"

    init() throws { place = try TemporaryOutbox() }

    private func withDeadEntry(_ body: (SQLiteOutbox, Fact) async throws -> Void) async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync("user-1", ["a"])
            _ = try await outbox.append(fact)
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"]))
            outbox.settle([try Settlement(sequence: 1, at: place.time.now, outcome: .dead(code: "msg_size_too_large", detail: "too large"))]
            )
            #expect(try await outbox.currentStatus().dead == 1)
            try await body(outbox, fact)
        }
    }

    @Test("that is tried again waits in its old place, with its history")
    func retry() async throws {
        try await withDeadEntry { outbox, fact in
            let entry = try await outbox.retry(fact.id).get()
            #expect(entry.sequence == 1 && entry.id == fact.id && entry.user == UserID("user-1"))
            let status = try await outbox.currentStatus()
            #expect(status.dead == 0 && status.pending == 2)
            #expect(try await outbox.pending(in: .named(topic), after: 0, limit: 5).map(\.sequence) == [1, 2])
            #expect(try await outbox.event(fact.id)?.failures?.map(\.code) == ["msg_size_too_large"])
            #expect(try await outbox.retry(fact.id).refusal == .notDead(.pending))
        }
    }

    @Test("that is given up counts no more, says why and cannot be tried again")
    func discard() async throws {
        try await withDeadEntry { outbox, fact in
            _ = try await outbox.discard(fact.id, reason: "a test user").get()
            let status = try await outbox.currentStatus()
            #expect(status.dead == 0 && status.pending == 1 && status.discarded == 1 && status.published == 0)
            let record = try #require(try await outbox.event(fact.id))
            #expect(record.state == .discarded && record.discarded?.reason == "a test user" && record.error?.code == "msg_size_too_large")
            #expect(try await outbox.retry(fact.id).refusal == .notDead(.discarded))
            #expect(try await outbox.discard(fact.id, reason: "again").refusal == .notDead(.discarded))
            place.time.advance(.seconds(8 * 86_400))
            _ = try await outbox.currentStatus()
            #expect(try await outbox.event(fact.id)?.state == .pruned)
        }
        try await place.withOutbox { outbox in
            let status = try await outbox.currentStatus()
            #expect(status.dead == 0 && status.discarded == 1 && status.accepted == 2 && status.published == 0)
        }
    }

    @Test("or any other keeps its number to itself, even where the count of numbers is damaged")
    func damagedCount() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<3 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            try await outbox.execute("UPDATE progress SET accepted = 1")
        }
        try await place.withOutbox { outbox in
            let fourth = try SampleFact.sync("user-3")
            #expect(try await outbox.append(fourth).isAccepted)
            let waiting = try await outbox.pending(in: .named(topic), after: 0, limit: 9)
            #expect(waiting.map(\.sequence) == [1, 2, 3, 4])
            #expect(try await outbox.check().isSound)
        }
    }

    @Test("is none where nothing is known, or all is well")
    func refusals() async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync("user-1", ["a"])
            #expect(try await outbox.retry(fact.id).refusal == .unknown)
            _ = try await outbox.append(fact)
            #expect(try await outbox.discard(fact.id, reason: "x").refusal == .notDead(.pending))
        }
    }

    @Test("is what becomes of a damaged row, and the rows behind it pass", arguments: ["event = 'no event!'", "topic = 'no topic!'"])
    func damaged(_ damage: String) async throws {
        try await place.withOutbox { outbox in
            for number in 0..<4 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            try await outbox.execute("UPDATE entries SET \(damage) WHERE sequence IN (1, 2)")
            #expect(try await outbox.topicsPending() == [try .named(topic)])
            #expect(try await outbox.pending(in: .named(topic), after: 0, limit: 2).map(\.sequence) == [3, 4])
            let status = try await outbox.currentStatus()
            #expect(status.dead == 2 && status.pending == 2)
            var filter = OutboxFilter()
            filter.state = .dead
            #expect(try await outbox.events(EventQuery(filter: filter)).events.map(\.error?.code) == ["damaged", "damaged"])
            let id = try SampleFact.sync("user-0").id
            #expect(try await outbox.retry(id).refusal == .damaged)
            _ = try await outbox.discard(id, reason: "damaged").get()
        }
    }
}

extension Result where Failure == RepairRefusal {
    var refusal: RepairRefusal? { if case .failure(let refusal) = self { refusal } else { nil } }
}
