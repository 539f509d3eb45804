import Foundation
import Glibc
import RelayCore
import Synchronization
import Testing

@testable import RelayOutbox

// Exit tests came with Swift 6.2: compilers before it leave these out.
#if compiler(>=6.2)
/// With processes of their own: each exit test runs its body in a child of this one.
@Suite("Other processes", .serialized, .timeLimit(.minutes(5)))
struct ProcessTests {
    /// Where parent and child meet; the child is told nothing but whose child it is.
    private static func folder(of process: Int32) -> String { NSTemporaryDirectory() + "argyle-relay-process-\(process)" }

    private static func outbox(_ place: TemporaryOutbox, of process: Int32) throws -> SQLiteOutbox {
        try place.outbox(at: folder(of: process) + "/outbox.sqlite") { $0.maxPending = 1_000_000 }
    }

    @Test("are kept out by the lock, even after this one has tried to open it twice")
    func locked() async throws {
        let place = try TemporaryOutbox()
        defer { try? FileManager.default.removeItem(atPath: Self.folder(of: getpid())) }
        let outbox = try Self.outbox(place, of: getpid())
        try await running(outbox) {
            #expect(throws: OutboxError.self) { try Self.outbox(place, of: getpid()) }
            await #expect(processExitsWith: .exitCode(3)) {
                do { _ = try Self.outbox(try TemporaryOutbox(), of: getppid()) } catch OutboxError.inUse { exit(3) }
            }
            let receipt = try await outbox.append(try SampleFact.sync())
            #expect(receipt.isAccepted)
        }
        await #expect(processExitsWith: .exitCode(4)) {
            _ = try Self.outbox(try TemporaryOutbox(), of: getppid())
            exit(4)
        }
    }

    @Test("that are killed lose nothing they answered, and hold nothing twice")
    func killed() async throws {
        defer { try? FileManager.default.removeItem(atPath: Self.folder(of: getpid())) }
        for round in 1...3 {
            await #expect(processExitsWith: .signal(SIGKILL)) { try await Self.appendUntilKilled() }
            let answered = try String(contentsOfFile: Self.folder(of: getpid()) + "/answered", encoding: .utf8).split(separator: "\n")
            #expect(answered.count >= round * 200)
            let place = try TemporaryOutbox(recentFacts: 50)
            let outbox = try Self.outbox(place, of: getpid())
            try await running(outbox) {
                let users = try String(contentsOfFile: Self.folder(of: getpid()) + "/users", encoding: .utf8).split(separator: "\n")
                for user in users {
                    let fact = try SampleFact.sync(String(user))
                    #expect(try await outbox.append(fact) == .duplicate(fact.id))
                }
                #expect(try await outbox.check().faults == [])
                let entries = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 1_000_000)
                let kept = Dictionary(entries.map { ($0.id.description, 1) }, uniquingKeysWith: +)
                #expect(answered.filter { kept[String($0)] != 1 }.isEmpty)
                #expect(kept.values.allSatisfy { $0 == 1 })
                #expect(try await outbox.integer("SELECT count(*) FROM facts") == Int64(entries.count))
                let health = try await outbox.visit { writer throws(SQLiteError) in try writer.connection.text("PRAGMA integrity_check") }
                #expect(health == "ok")
                #expect(try await outbox.currentStatus().pending == entries.count)
            }
        }
    }

    /// How many the child got.
    private static let answers = Atomic<Int>(0)

    /// Appends from many sides, writes each id down after its answer, and kills itself amid it all.
    private static func appendUntilKilled() async throws {
        // Few, so that it dies while facts are being filed.
        let place = try TemporaryOutbox(recentFacts: 50)
        let outbox = try outbox(place, of: getppid())
        let answered = Glibc.open(folder(of: getppid()) + "/answered", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let users = Glibc.open(folder(of: getppid()) + "/users", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try await running(outbox) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for side in 0..<16 {
                    group.addTask {
                        for number in 0..<10_000 {
                            let user = "user-\(getpid())-\(side)-\(number)"
                            let receipt = try await outbox.append(try SampleFact.sync(user, padding: 500))
                            for (file, text) in [(answered, "\(receipt.id)\n"), (users, "\(user)\n")] {
                                _ = write(file, text, text.utf8.count)
                            }
                            if answers.add(1, ordering: .relaxed).newValue == 200 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
#endif
