import CSQLite
import Glibc
package import RelayCore

/// What can be told of an outbox without touching it: no lock is taken, nothing is made, and a relay that starts meanwhile notices nothing.
package enum OutboxGlance: Sendable, Equatable {
    case absent
    /// A process holds the file: a running relay, or a command at work.
    case inUse(process: Int32)
    /// Nobody has it open; its counts are exact.
    case idle(pending: Int, dead: Int, oldestPending: Timestamp?)
    /// Nobody has it open, but whoever had it did not close it: the next start recovers its log. Counts would be guesses.
    case unclosed
    /// There is something else at that path, or it cannot be read.
    case unreadable(String)

    package init(path: String) {
        if let obstacle = OutboxFile.obstacle(at: path) {
            self = .unreadable(obstacle)
            return
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            let code = errno
            self = code == ENOENT || code == ENOTDIR ? .absent : .unreadable(String(cString: strerror(code)))
            return
        }
        let holder = Self.holder(of: file)
        // No SQLite connection of this process can have the file open here, whose locks closing it would drop.
        close(file)
        if let holder {
            self = .inUse(process: holder)
            return
        }
        var log = stat()
        if stat(path + "-wal", &log) == 0, log.st_size > 0 {
            self = .unclosed
            return
        }
        self = Self.read(path)
    }

    /// Who holds one of SQLite's locks (https://www.sqlite.org/fileformat2.html, "The Lock-Byte Page"); asking takes none.
    private static func holder(of file: Int32) -> Int32? {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 0x4000_0000
        lock.l_len = 512
        guard fcntl(file, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK) else { return nil }
        return lock.l_pid
    }

    /// What the machine's clock read when an outbox that nobody has open was written last; nil where that cannot be told.
    package static func lastWritten(at path: String) -> Timestamp? {
        guard case .idle = OutboxGlance(path: path), let handle = openUntouched(path) else { return nil }
        defer { sqlite3_close_v2(handle) }
        return integer(handle, "SELECT wall FROM ageing").map(Timestamp.init(milliseconds:))
    }

    private static func read(_ path: String) -> OutboxGlance {
        guard let handle = openUntouched(path) else { return .unreadable("SQLite cannot open it") }
        defer { sqlite3_close_v2(handle) }
        guard integer(handle, "PRAGMA application_id") == Schema.applicationID else {
            return .unreadable("it is no outbox of argyle-relay")
        }
        if let version = integer(handle, "PRAGMA user_version"), version > Schema.newest {
            return .unreadable("it has schema \(version), and this version of argyle-relay knows schemas up to \(Schema.newest)")
        }
        guard let pending = integer(handle, "SELECT count(*) FROM pending"),
            let dead = integer(handle, "SELECT count(*) FROM outcomes WHERE state = 'dead' AND discarded IS NULL")
        else { return .unreadable(String(cString: sqlite3_errmsg(handle))) }
        let oldest =
            pending == 0 ? nil : integer(handle, "SELECT received FROM entries WHERE sequence = (SELECT min(sequence) FROM pending)")
        return .idle(pending: Int(pending), dead: Int(dead), oldestPending: oldest.map(Timestamp.init(milliseconds:)))
    }

    /// `immutable` makes SQLite read without a lock, which is sound because the log is empty and nobody writes.
    static func openUntouched(_ path: String) -> OpaquePointer? {
        var handle: OpaquePointer?
        let escaped = path.utf8.map { byte -> String in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || [0x2D, 0x2E, 0x2F, 0x5F].contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + String(UInt16(byte) + 0x100, radix: 16).dropFirst().uppercased()
        }.joined()
        let result = sqlite3_open_v2(
            "file:\(escaped)?immutable=1",
            &handle,
            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
            nil
        )
        if result == SQLITE_OK { return handle }
        sqlite3_close_v2(handle)
        return nil
    }

    private static func integer(_ handle: OpaquePointer, _ sql: String) -> Int64? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { return nil }
        defer { sqlite3_finalize(statement) }
        return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : nil
    }
}
