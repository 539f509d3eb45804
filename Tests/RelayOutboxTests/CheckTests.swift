import Foundation
import RelayCore
import Testing

@testable import RelayOutbox

@Suite("A look at the whole outbox")
struct CheckTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox() }

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
            ("UPDATE facts SET revision = 40 WHERE sequence = 20", "revisions have a gap"),
            ("UPDATE users SET revision = 99 WHERE user = 'user-1'", "is not that of the last fact: user-1"),
            ("INSERT INTO failures VALUES (77, 0, 'c', 'd')", "a failure has no entry: 77"),
            ("INSERT INTO discards VALUES (3, x'00', 0, 'r')", "not in the books, or not dead: 3"),
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
