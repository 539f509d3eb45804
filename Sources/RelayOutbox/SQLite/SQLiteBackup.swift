import CSQLite

/// A copy of a database that is made in steps on the connection that writes it (https://www.sqlite.org/backup.html): what is written
/// between two steps is copied too, so the copy is whole as of its last step and nobody has to wait for more than one.
final class SQLiteBackup {
    private let handle: OpaquePointer
    private let target: SQLiteConnection
    private var isOpen = true

    /// - Parameter target: an empty file's connection; belongs to the backup from here on.
    init(from source: SQLiteConnection, to target: SQLiteConnection) throws(SQLiteError) {
        guard let handle = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
            throw target.error(SQLITE_ERROR)
        }
        self.handle = handle
        self.target = target
    }

    deinit { close() }

    /// Copies up to `pages`; true when the copy is whole.
    func step(pages: Int32) throws(SQLiteError) -> Bool {
        switch sqlite3_backup_step(handle, pages) {
        case SQLITE_OK: return false
        case SQLITE_DONE: return true
        case let result: throw SQLiteError(extendedCode: result, message: String(cString: sqlite3_errstr(result)))
        }
    }

    /// Ends the copy and closes its file.
    func close() {
        guard isOpen else { return }
        isOpen = false
        sqlite3_backup_finish(handle)
        target.close()
    }
}
