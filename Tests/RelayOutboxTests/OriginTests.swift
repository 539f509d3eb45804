import RelayCore
import Testing

@testable import RelayOutbox

@Suite("The origin of a fact that Argyle did not deliver", .timeLimit(.minutes(5)))
struct OriginTests {
    private let place: TemporaryOutbox
    private let topic = "argyle.users.fully-synced"

    init() throws { place = try TemporaryOutbox() }

    private func found(_ user: String, origin: String = "reconcile") throws -> Fact {
        guard case .event(var event) = try SampleFact.sync(user).content else { throw OutboxError.closed }
        event.origin = origin
        return Fact(recognising: event)
    }

    private func origins(_ entries: [OutboxEntry]) -> [String?] {
        entries.map { if case .event(let envelope) = $0.content { envelope.origin } else { "no event" } }
    }

    @Test("is in its envelope whenever that is made: from memory, after a restart, when it is tried again, in a replay, when it is shown")
    func everywhere() async throws {
        let fact = try found("user-1")
        let delivered = try SampleFact.sync("user-1")
        #expect(fact.id == delivered.id)
        try await place.withOutbox { outbox in
            _ = try await outbox.append(fact)
            _ = try await outbox.append(try SampleFact.sync("user-2"))
            #expect(try await outbox.integer("SELECT count(*) FROM outbox WHERE origin = 'reconcile'") == 1)
        }
        try await place.withOutbox { outbox in
            let waiting = try await outbox.pending(in: .named(topic), after: 0, limit: 5)
            #expect(origins(waiting) == ["reconcile", nil])
            #expect(String(decoding: KafkaRecord(waiting[0], mode: .structured).value, as: UTF8.self).contains(#","origin":"reconcile","#))
            outbox.settle([try Settlement(sequence: 1, at: place.time.now, outcome: .dead(code: "c", detail: "d"))])
            _ = try await outbox.currentStatus()
            let retried = try await outbox.retry(fact.id).get()
            #expect(origins([retried]) == ["reconcile"])
            outbox.publish(waiting, at: place.time.now)
            _ = try await outbox.currentStatus()
            let count = try await outbox.countReplay(OutboxFilter())
            let replay = try await outbox.addReplay(
                id: EventID(naming: [1]),
                of: OutboxFilter(),
                count: count,
                rate: 10,
                requestedBy: "a test"
            )
            let again = try await outbox.entries(of: replay, after: nil, limit: 5)
            #expect(origins(again.entries) == ["reconcile", nil])
            #expect(try await outbox.event(fact.id)?.origin == "reconcile")
            #expect(try await outbox.event(fact.id, includesData: true)?.data?.contains(#""change":"initial""#) == true)
            #expect(try await outbox.check().isSound)
            // The delivery that comes after all changes nothing.
            #expect(try await outbox.append(try SampleFact.sync("user-1")) == .duplicate(fact.id))
        }
    }
}
