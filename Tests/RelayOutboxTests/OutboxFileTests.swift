import CSQLite
import Foundation
import Testing

@testable import RelayOutbox

@Suite("The outbox's file", .timeLimit(.minutes(5)))
struct OutboxFileTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox() }

    /// Why the outbox at `path` does not open.
    private func refusal(at path: String? = nil) -> OutboxError? {
        do throws(OutboxError) {
            _ = try place.outbox(at: path)
            return nil
        } catch { return error }
    }

    private func content(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

    private func mode(_ path: String) throws -> Int {
        var information = stat()
        try #require(stat(path, &information) == 0)
        return Int(information.st_mode & 0o777)
    }

    /// Runs `sql` on the file at `path`, and hands it on while it is open.
    private func withDatabase(_ path: String, _ sql: String, _ body: () throws -> Void = {}) throws {
        var handle: OpaquePointer?
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        defer { sqlite3_close_v2(handle) }
        try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
        try body()
    }

    @Test("is synced at every commit: synchronous reads 2 on the writer's own connection, the journal is a log, the lock exclusive")
    func pragmas() async throws {
        try await place.withOutbox { outbox in
            #expect(try await outbox.integer("PRAGMA synchronous") == 2)
            #expect(try await outbox.integer("PRAGMA application_id") == Schema.applicationID)
            #expect(try await outbox.integer("PRAGMA user_version") == Schema.newest)
            let journal = try await outbox.visit { writer throws(SQLiteError) in try writer.connection.text("PRAGMA journal_mode") }
            let locking = try await outbox.visit { writer throws(SQLiteError) in try writer.connection.text("PRAGMA locking_mode") }
            #expect(journal == "wal" && locking == "exclusive")
        }
        let again = try await place.withOutbox { outbox in try await outbox.integer("PRAGMA synchronous") }
        #expect(again == 2)
    }

    @Test("and its folder are the owner's alone, its side files too")
    func modes() async throws {
        let path = place.folder + "/made/deep/outbox.sqlite"
        let outbox = try place.outbox(at: path)
        try await running(outbox) {
            _ = try await outbox.append(try SampleFact.sync())
            #expect(try mode(place.folder + "/made/deep") == 0o700)
            #expect(try mode(path) == 0o600)
            #expect(try mode(path + "-wal") == 0o600)
        }
    }

    @Test("lets one outbox in, and the next once that is closed")
    func inUse() async throws {
        try await place.withOutbox { outbox in
            #expect(refusal() == .inUse(path: place.path))
            _ = try await outbox.append(try SampleFact.sync())
            #expect(refusal() == .inUse(path: place.path))
        }
        #expect(refusal() == nil)
    }

    @Test("is given back by an outbox that never ran")
    func givenBack() throws {
        do { _ = try place.outbox() }
        #expect(refusal() == nil)
    }

    @Test("that is another program's database is refused and left as it was")
    func foreign() throws {
        try withDatabase(place.path, "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)")
        let before = content(place.path)
        guard case .notAnOutbox(place.path, let found) = refusal() else {
            Issue.record("opened")
            return
        }
        #expect(found == "an SQLite database of application 0 with 1 tables and indices")
        #expect(content(place.path) == before)
        try withDatabase(place.path, "PRAGMA application_id = 7; DROP TABLE mine")
        guard case .notAnOutbox = refusal() else {
            Issue.record("opened")
            return
        }
    }

    @Test("that is another program's database is left as it was, with a log that is not yet moved in")
    func foreignWithLog() throws {
        let original = place.folder + "/original"
        try withDatabase(original, "PRAGMA journal_mode = WAL; CREATE TABLE mine (x); INSERT INTO mine VALUES (1)") {
            for side in ["", "-wal"] { try FileManager.default.copyItem(atPath: original + side, toPath: place.path + side) }
        }
        let before = [content(place.path), content(place.path + "-wal")]
        guard case .notAnOutbox = refusal() else {
            Issue.record("opened")
            return
        }
        #expect([content(place.path), content(place.path + "-wal")] == before)
        #expect(before.allSatisfy { ($0?.count ?? 0) > 0 })
    }

    @Test("that is no database is refused and left as it was", arguments: [10, 100, 5000])
    func text(size: Int) throws {
        let text = Data(String(repeating: "notes ", count: size).utf8.prefix(size))
        try text.write(to: URL(fileURLWithPath: place.path))
        #expect(refusal() == .notAnOutbox(path: place.path, found: "its first bytes are not SQLite's"))
        #expect(content(place.path) == text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder) == ["outbox.sqlite"])
    }

    @Test("of a newer relay is refused and left as it was")
    func newer() async throws {
        try await place.withOutbox { outbox in _ = try await outbox.append(try SampleFact.sync()) }
        try withDatabase(place.path, "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)")
        let before = content(place.path)
        #expect(refusal() == .newerSchema(path: place.path, found: 99, known: Schema.newest))
        #expect(content(place.path) == before)
    }

    @Test("that is empty becomes an outbox")
    func empty() throws {
        try Data().write(to: URL(fileURLWithPath: place.path))
        #expect(refusal() == nil)
        #expect((content(place.path)?.count ?? 0) > 0)
    }

    @Test("is no folder, and no memory that a stop would empty")
    func noFile() throws {
        guard case .cannotOpen(place.folder, _) = refusal(at: place.folder) else {
            Issue.record("a folder was opened")
            return
        }
        guard case .cannotOpen("", _) = refusal(at: "") else {
            Issue.record("a temporary database was opened")
            return
        }
        guard case .cannotOpen(_, let cause) = refusal(at: ":memory:") else {
            Issue.record("a database in memory was opened")
            return
        }
        #expect(cause.contains("write-ahead log"))
        unlink(":memory:")
    }

    @Test("has a folder that can be made")
    func badFolder() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: place.folder + "/file"))
        guard case .cannotOpen(_, let cause) = refusal(at: place.folder + "/file/outbox.sqlite") else {
            Issue.record("opened")
            return
        }
        #expect(cause.hasPrefix("its folder cannot be made"))
    }

    @Test("that may not be written is refused, and so is a folder that may not")
    func readOnly() async throws {
        try await place.withOutbox { outbox in _ = try await outbox.append(try SampleFact.sync()) }
        try #require(chmod(place.path, 0o444) == 0 && chmod(place.folder, 0o555) == 0)
        defer { _ = chmod(place.folder, 0o700) }
        let before = content(place.path)
        let (file, folder) = withoutPrivileges { (refusal(), refusal(at: place.folder + "/new.sqlite")) }
        #expect(file == .cannotOpen(path: place.path, cause: "it is read-only"))
        #expect(folder == .cannotOpen(path: place.folder + "/new.sqlite", cause: "Permission denied"))
        #expect(content(place.path) == before)
    }

    /// On this thread as a user to whom permissions apply: root may write whatever it likes (setfsuid(2)).
    private func withoutPrivileges<Value>(_ body: () -> Value) -> Value {
        guard geteuid() == 0, let symbol = dlsym(nil, "setfsuid") else { return body() }
        let setUser = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)
        _ = setUser(65_534)
        defer { _ = setUser(0) }
        return body()
    }

    @Test("that is damaged is refused with what is wrong")
    func damaged() async throws {
        try await place.withOutbox { outbox in _ = try await outbox.append(try SampleFact.sync()) }
        let handle = try #require(FileHandle(forWritingAtPath: place.path))
        try handle.seek(toOffset: 100)
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 400))
        try handle.close()
        guard case .cannotOpen(_, let cause) = refusal() else {
            Issue.record("opened, or refused as something else")
            return
        }
        #expect(cause.contains("damaged"))
    }
}
