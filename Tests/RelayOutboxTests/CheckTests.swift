import Foundation
import RelayCore
import Testing

@testable import RelayOutbox

@Suite("A look at the whole outbox", .timeLimit(.minutes(5)))
struct CheckTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox(recentFacts: 4) }

    private func fill(_ outbox: SQLiteOutbox) async throws {
        for number in 0..<20 { _ = try await outbox.append(try SampleFact.sync("user-\(number % 3)", ["a\(number)"])) }
    }

    @Test("finds nothing wrong with a sound one, and leaves nothing behind")
    func sound() async throws {
        try await place.withOutbox { outbox in
            try await fill(outbox)
            let report = try await outbox.check()
            #expect(report.isSound, "\(report)")
            #expect(report.entries == 20 && report.facts == 20 && report.users == 3)
            let left = try FileManager.default.contentsOfDirectory(atPath: place.folder)
            #expect(left.allSatisfy { !$0.contains("check") }, "\(left)")
        }
    }

    @Test(
        "finds what must not be",
        arguments: [
            ("DELETE FROM facts WHERE sequence = 4", "an entry has no fact: 4"),
            ("UPDATE entries SET fact = zeroblob(16) WHERE sequence = 5", "an entry's fact is another: 5"),
            ("UPDATE facts SET revision = 40 WHERE sequence = 20", "revisions have a gap"),
            ("UPDATE users SET revision = 99 WHERE user = 'user-1'", "is not that of the last set: user-1"),
            ("UPDATE users SET revision = 0 WHERE user = 'user-1'", "is not that of the last set: user-1"),
            ("UPDATE users SET last_fact = last_fact + 1 WHERE user = 'user-1'", "last fact is another's: user-1"),
            ("UPDATE users SET last_fact = 2 WHERE user = 'user-1'", "a user's last fact is not the last: user-1"),
            ("DELETE FROM users WHERE user = 'user-2'", "a user is not found: user-2"),
            ("DELETE FROM fact_ids WHERE sequence = 3", "a fact is not found by its id: 3"),
            ("INSERT INTO fact_ids VALUES (zeroblob(16), 3)", "an id is found that no fact has: 3"),
            ("INSERT INTO facts (sequence, id, first_seen) SELECT 99, id, 0 FROM facts WHERE sequence = 1", "a fact is stored twice: 99"),
            ("DELETE FROM pending WHERE sequence = 6", "an entry waits though it is settled, or does not though it is not: 6"),
            ("INSERT INTO pending VALUES ('t', 78)", "what waits has no entry: 78"),
            ("INSERT INTO outcomes (sequence, state, attempts) VALUES (79, 'pending', 1)", "an outcome has no entry: 79"),
            ("UPDATE progress SET accepted = 19", "more entries are kept than were ever accepted: 20"),
            ("INSERT INTO failures VALUES (77, 0, 'c', 'd')", "a failure has no entry: 77"),
            ("INSERT INTO rerouted VALUES (76, 0, 't')", "a change of topic has no entry: 76"),
            ("INSERT INTO discards (sequence, fact, at, reason) VALUES (3, x'00', 0, 'r')", "not in the books, or not dead: 3"),
        ]
    )
    func faults(sql: String, fault: String) async throws {
        try await place.withOutbox { outbox in
            try await fill(outbox)
            try await outbox.execute(sql)
            let report = try await outbox.check()
            #expect(!report.isSound && report.faults.contains { $0.contains(fault) }, "\(report.faults)")
            #expect(try await outbox.append(try SampleFact.sync("another")).isAccepted)
        }
    }

    @Test("is made on a copy that is whole, private, and never in a file's place, while appends go on")
    func backup() async throws {
        try await place.withOutbox { outbox in
            try await fill(outbox)
            let copy = place.folder + "/copy.sqlite"
            async let more = outbox.append(try SampleFact.sync("meanwhile"))
            let report = try await outbox.backup(to: copy)
            #expect(try await more.isAccepted)
            #expect(report.entries >= 20 && report.bytes > 0)
            let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            await #expect(throws: BackupFault.notWritten("File exists")) { try await outbox.backup(to: copy) }
            await #expect(throws: BackupFault.self) { try await outbox.backup(to: place.folder + "/no/such/copy") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder).filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
        }
        let copied = try place.outbox(at: place.folder + "/copy.sqlite")
        let known = try SampleFact.sync("user-1", ["a1"])
        let receipt = try await running(copied) { try await copied.append(known) }
        #expect(receipt == .duplicate(known.id))
    }
}
