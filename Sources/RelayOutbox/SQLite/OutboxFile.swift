import CSQLite
import FoundationEssentials
import Glibc

/// Opens the file of an outbox: makes it where there is none, refuses what is not ours, and leaves every refused file untouched.
enum OutboxFile {
    /// A connection that holds the file for itself alone, with the newest schema and every commit synced to disk.
    static func open(_ path: String) throws(OutboxError) -> SQLiteConnection {
        try makeFile(path)
        let connection: SQLiteConnection
        do throws(SQLiteError) { connection = try SQLiteConnection(path: path) } catch { throw failure(error, path) }
        do throws(OutboxError) {
            try prepare(connection, path: path)
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    /// Folder 0700 and file 0600: bodies hold personal data. SQLite gives its side files the mode of the file itself.
    /// A file that is there already is not opened here: closing any descriptor of it would drop the POSIX locks that this
    /// process holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    private static func makeFile(_ path: String) throws(OutboxError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if let obstacle = obstacle(at: path) { throw .cannotOpen(path: path, cause: obstacle) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder.isEmpty ? "/" : folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .cannotOpen(path: path, cause: "its folder cannot be made: \(String(cString: strerror(errno)))")
        }
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw .cannotOpen(path: path, cause: String(cString: strerror(errno)))
        }
        Glibc.close(descriptor)
    }

    /// What stands at `path` and can never be an outbox, with what to do; nil for a file, and for nothing at all.
    static func obstacle(at path: String) -> String? {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if let link = danglingLink(folder) { return "its folder \(link)" }
        if let link = danglingLink(path) { return "it \(link)" }
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        let found: String
        switch information.st_mode & S_IFMT {
        case S_IFREG: return nil
        case S_IFDIR: found = "a folder"
        case S_IFIFO: found = "a named pipe"
        case S_IFSOCK: found = "a socket"
        default: found = "a device"
        }
        return "it is \(found), no file: set outbox.path to a file"
    }

    /// A file is made where it is to be, not where a link says: what a link leads to must be there.
    private static func danglingLink(_ path: String) -> String? {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFLNK, stat(path, &information) != 0 else { return nil }
        let code = errno
        guard code == ENOENT || code == ELOOP else { return nil }
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? "another place"
        if code == ELOOP { return "is a symbolic link that leads in a circle: mend it, or have outbox.path name another place" }
        return "is a symbolic link to \(target), which is not there: make that first, or have outbox.path name another place"
    }

    private static func prepare(_ connection: SQLiteConnection, path: String) throws(OutboxError) {
        do throws(SQLiteError) {
            if connection.isReadOnly { throw SQLiteError(extendedCode: SQLITE_READONLY, message: "read-only") }
            // The lock is taken before anything is read: two relays on one outbox would both publish.
            try connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            try connection.keepLogAtClosing(true)
            try connection.execute("BEGIN EXCLUSIVE")
            let ours = try identify(connection)
            try connection.execute("ROLLBACK")
            guard ours.isOurs else { throw SQLiteError(extendedCode: foreignFile, message: ours.found) }
            if ours.version > Schema.newest { throw SQLiteError(extendedCode: newerSchema, message: String(ours.version)) }
            try connection.keepLogAtClosing(false)
            try configure(connection)
            try migrate(connection, from: ours.version)
        } catch {
            throw failure(error, path)
        }
    }

    private static func identify(_ connection: SQLiteConnection) throws(SQLiteError) -> (isOurs: Bool, version: Int64, found: String) {
        let application = try connection.integer("PRAGMA application_id")
        let version = try connection.integer("PRAGMA user_version")
        let tables = try connection.integer("SELECT count(*) FROM sqlite_schema")
        if application == Schema.applicationID { return (true, version, "") }
        if tables == 0, application == 0, version == 0 { return (true, 0, "") }
        return (false, version, "an SQLite database of application \(application) with \(tables) tables and indices")
    }

    /// FULL syncs the write-ahead log at every commit: NORMAL, which many wrappers set with WAL, may lose what was answered 200.
    private static func configure(_ connection: SQLiteConnection) throws(SQLiteError) {
        let journal = try connection.text("PRAGMA journal_mode = WAL")
        guard journal == "wal" else {
            throw SQLiteError(extendedCode: SQLITE_ERROR, message: "no write-ahead log can be kept here: journal_mode reads \(journal)")
        }
        try connection.execute(
            """
            PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 134217728;
            PRAGMA cache_size = -49152; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON
            """
        )
        let synchronous = try connection.integer("PRAGMA synchronous")
        guard synchronous == 2 else {
            throw SQLiteError(extendedCode: SQLITE_ERROR, message: "synchronous reads \(synchronous) after it was set to FULL")
        }
    }

    private static func migrate(_ connection: SQLiteConnection, from version: Int64) throws(SQLiteError) {
        for step in Int(version)..<Schema.migrations.count {
            try connection.transaction { () throws(SQLiteError) in
                try connection.execute(Schema.migrations[step])
                try connection.execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(step + 1)")
            }
        }
    }

    /// Codes of our own, beyond SQLite's, on their way to ``failure(_:_:)``.
    private static let foreignFile: Int32 = -1
    private static let newerSchema: Int32 = -2

    private static func failure(_ error: SQLiteError, _ path: String) -> OutboxError {
        switch error.extendedCode {
        case foreignFile: return .notAnOutbox(path: path, found: error.message)
        case newerSchema: return .newerSchema(path: path, found: Int64(error.message) ?? 0, known: Schema.newest)
        default: break
        }
        switch error.code {
        case SQLITE_BUSY, SQLITE_LOCKED: return .inUse(path: path)
        case SQLITE_NOTADB: return .notAnOutbox(path: path, found: "its first bytes are not SQLite's")
        case SQLITE_FULL: return .cannotOpen(path: path, cause: "the disk is full")
        case SQLITE_READONLY: return .cannotOpen(path: path, cause: "it is read-only")
        case SQLITE_CORRUPT:
            return .cannotOpen(path: path, cause: "it is damaged (\(error)); restore a backup, or keep it aside for inspection")
        default: return .cannotOpen(path: path, cause: error.description)
        }
    }
}
