import RelayCore
import RelayTestSupport
import Testing

@testable import RelayOutbox

@Suite("An outbox of an older version", .timeLimit(.minutes(5)))
struct MigrationTests {
    private let place: TemporaryOutbox
    private let users = "argyle.users.fully-synced"
    private static let amended = "INSERT INTO facts (sequence, id, first_seen, change, revision) VALUES (-9, zeroblob(16), 0, 'amended', 1)"
    private static let changed = "INSERT INTO facts (sequence, id, first_seen, change, revision) VALUES (-8, zeroblob(16), 0, 'changed', 1)"

    init() throws { place = try TemporaryOutbox(recentFacts: 3) }

    private func identity() throws -> Fact {
        try SampleFact.reading(#"{"event":"identities.updated","data":{"account":"a","user":"user-9"}}"#, at: place.time.now)
    }

    /// Facts of every kind: filed and not, waiting, published, dead, with copies, and one that came twice as news.
    private func fill(_ outbox: SQLiteOutbox, repeats: Bool) async throws {
        for number in 0..<8 { _ = try await outbox.append(try SampleFact.sync("user-\(number)", ["a"])) }
        for accounts in [["a", "b"], ["b"], ["c"]] { _ = try await outbox.append(try SampleFact.sync("user-1", accounts)) }
        for _ in 0..<3 { _ = try await outbox.append(try SampleFact.sync("user-2", ["a"])) }
        _ = try await outbox.append(try SampleFact.unreadable())
        _ = try await outbox.append(try identity())
        if repeats {
            place.time.advance(.seconds(601))
            _ = try await outbox.currentStatus()
            #expect(try await outbox.append(try identity()).isAccepted)
        }
        let entries = try await outbox.pending(in: .named(users), after: 0, limit: 100)
        outbox.publish(Array(entries[0..<3]))
        outbox.settle([try Settlement(sequence: entries[4].sequence, at: place.time.now, outcome: .dead(code: "c", detail: "d"))])
        _ = try await outbox.currentStatus()
    }

    private func counts(_ outbox: SQLiteOutbox) async throws -> [Int64] {
        var counts: [Int64] = []
        for what in ["count(*) FROM facts", "sum(duplicates) FROM facts", "count(*) FROM entries", "count(*) FROM outcomes"] {
            counts.append(try await outbox.integer("SELECT \(what)"))
        }
        return counts
    }

    private func records(_ outbox: SQLiteOutbox) async throws -> [[UInt8]] {
        let waiting = try await outbox.pending(in: .named(users), after: 0, limit: 100)
        return waiting.map { KafkaRecord($0, mode: .structured).value }
    }

    @Test("is opened with all that is in it, and takes an amended fact from then on", arguments: [3, 4])
    func withData(version: Int) async throws {
        let (before, waiting) = try await place.withOutbox { outbox in
            try await fill(outbox, repeats: version > 3)
            return (try await counts(outbox), try await records(outbox))
        }
        try place.takeBack(to: version)
        #expect(try place.text("PRAGMA user_version") == "\(version)")
        #expect(throws: SQLiteError.self) { try place.text(Self.amended) }
        try await place.withOutbox { outbox in
            #expect(try await outbox.integer("PRAGMA user_version") == Schema.newest)
            #expect(try await counts(outbox) == before)
            #expect(try await records(outbox) == waiting)
            #expect(try await outbox.check().isSound)
            for accounts in [["a"], ["a", "b"], ["b"], ["c"]] {
                let fact = try SampleFact.sync("user-1", accounts, at: place.time.now)
                #expect(try await outbox.append(fact) == .duplicate(fact.id))
            }
            #expect(try await outbox.append(try SampleFact.sync("user-1", ["c", "d"])).isAccepted)
            if version > 3 {
                #expect(try await outbox.append(try identity()) == .duplicate(try identity().id(again: 2)))
                #expect(try await outbox.integer("SELECT count(*) FROM again WHERE number = 2") == 1)
            }
            #expect(try await outbox.integer("SELECT count(*) FROM outbox WHERE origin IS NULL") == before[2] + 1)
            try await outbox.execute(Self.amended)
            let error = await caught(OutboxError.self) { try await outbox.execute(Self.changed) }
            guard case .failed(let cause) = error else {
                Issue.record("any change is taken")
                return
            }
            #expect(cause.concernsTheRowAlone)
        }
        // Read anew, by a connection that has not made the schema.
        #expect(try place.text("PRAGMA integrity_check") == "ok")
        #expect(throws: SQLiteError.self) { try place.text(Self.changed) }
        #expect(try place.text("SELECT change FROM facts WHERE sequence = -9") == "amended")
    }
}
