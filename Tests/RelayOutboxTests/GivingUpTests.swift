import RelayCore
import Testing

@testable import RelayOutbox

@Suite("An entry that is given up while it waits", .timeLimit(.minutes(5)))
struct GivingUpTests {
    private let place: TemporaryOutbox
    private let topic = "argyle.users.fully-synced"

    init() throws { place = try TemporaryOutbox() }

    @Test("waits no more, is accounted for, and is pruned in its time", arguments: [false, true])
    func discard(wasTried: Bool) async throws {
        let fact = try SampleFact.sync("user-1", ["a"])
        try await place.withOutbox { outbox in
            _ = try await outbox.append(fact)
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"]))
            if wasTried { outbox.settle([try Settlement(sequence: 1, at: place.time.now, outcome: .failed(code: "c", detail: "d"))]) }
            _ = try await outbox.discard(fact.id, reason: "a test user", evenIfWaiting: true).get()
            let status = try await outbox.currentStatus()
            #expect(status.pending == 1 && status.dead == 0 && status.discarded == 1 && status.published == 0)
            #expect(try await outbox.pending(in: .named(topic), after: 0, limit: 5).map(\.sequence) == [2])
            let record = try #require(try await outbox.event(fact.id))
            #expect(record.state == .discarded && record.attempts == (wasTried ? 1 : 0) && record.error?.code == (wasTried ? "c" : nil))
            #expect(record.discarded == EventRecord.Discard(at: place.time.now, reason: "a test user", waited: true))
            #expect(try await outbox.retry(fact.id).refusal == .notDead(.discarded))
            #expect(try await outbox.discard(fact.id, reason: "again", evenIfWaiting: true).refusal == .notDead(.discarded))
            #expect(try await outbox.check().isSound)
            // A late report changes nothing.
            outbox.settle([try Settlement(sequence: 1, at: place.time.now, outcome: .published(partition: 0, offset: 1))])
            #expect(try await outbox.currentStatus().published == 0)
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 5))
            #expect(try await outbox.currentStatus().published == 1)
        }
        try await place.withOutbox { outbox in
            place.time.advance(.seconds(8 * 86_400))
            _ = try await outbox.currentStatus()
            #expect(try await outbox.event(fact.id)?.state == .pruned)
            let status = try await outbox.currentStatus()
            #expect(status.discarded == 1 && status.accepted == 2 && status.published == 1 && status.pending == 0)
            #expect(try await outbox.check().isSound)
        }
    }

    @Test("leaves an outbox of the version before as sound as one that begins with this one")
    func migration() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1"))
            outbox.settle([try Settlement(sequence: 1, at: place.time.now, outcome: .dead(code: "c", detail: "d"))])
            _ = try await outbox.currentStatus()
            _ = try await outbox.discard(try SampleFact.sync("user-1").id, reason: "r").get()
        }
        try place.takeBack(to: 2)
        try await place.withOutbox { outbox in
            let record = try await outbox.event(try SampleFact.sync("user-1").id)
            #expect(record?.discarded?.waited == false)
            #expect(try await outbox.check().isSound)
            #expect(try await outbox.integer("PRAGMA user_version") == Schema.newest)
        }
    }
}
