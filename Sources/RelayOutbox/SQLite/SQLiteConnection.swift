import CSQLite

/// One connection to one database file; belongs to one thread and is never shared.
final class SQLiteConnection {
    let handle: OpaquePointer
    var statements: [String: SQLiteStatement] = [:]
    /// Those whose text is a literal, by its address.
    var fixedStatements: [UInt: SQLiteStatement] = [:]
    private(set) var isOpen = true
    /// Done once, before the first connection.
    private static let isConfigured = relay_sqlite_count_no_memory() == SQLITE_OK

    /// Opens the file at `path`, which must be there already.
    init(path: String) throws(SQLiteError) {
        _ = Self.isConfigured
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(result))
            sqlite3_close_v2(opened)
            throw SQLiteError(extendedCode: result, message: message)
        }
        handle = opened
    }

    deinit { close() }

    /// Statements first: SQLite keeps a connection open while one of its statements lives.
    func close() {
        guard isOpen else { return }
        isOpen = false
        statements.removeAll()
        fixedStatements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Whether closing leaves the write-ahead log beside the file instead of moving it in, so that the file stays untouched.
    func keepLogAtClosing(_ keeps: Bool) throws(SQLiteError) {
        let result = relay_sqlite_keep_log_at_closing(handle, keeps ? 1 : 0)
        guard result == SQLITE_OK else { throw error(result) }
    }

    /// Runs statements that bind nothing and return nothing.
    func execute(_ sql: String) throws(SQLiteError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result) }
    }

    /// The first column of the first row of a statement that binds nothing.
    func integer(_ sql: String) throws(SQLiteError) -> Int64 {
        try statement(sql).first { $0.integer(0) } ?? 0
    }

    /// The first column of the first row of a statement that binds nothing.
    func text(_ sql: String) throws(SQLiteError) -> String {
        try statement(sql).first { $0.text(0) } ?? ""
    }

    /// The file's own path, absolute, to which links have been followed.
    var file: String { sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? "" }
    var changes: Int { Int(sqlite3_changes(handle)) }
    /// Whether SQLite could open the file for reading only, which it does without a word.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }
    /// Whether no transaction is open; some errors end one on their own.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    func error(_ result: Int32) -> SQLiteError {
        SQLiteError(extendedCode: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
    }

    /// Runs `body` in a transaction that writes; whatever it throws, nothing of it stays.
    func transaction(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) {
        try prepared("BEGIN IMMEDIATE").run()
        do throws(SQLiteError) {
            try body()
            try prepared("COMMIT").run()
        } catch {
            if !isIdle { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }
}

extension SQLiteConnection {
    static var libraryVersion: String { String(cString: sqlite3_libversion()) }
}
