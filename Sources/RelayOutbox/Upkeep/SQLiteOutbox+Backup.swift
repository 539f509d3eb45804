import FoundationEssentials
import Glibc

/// Copies of a running outbox.
extension SQLiteOutbox {
    /// Pages of 4 KiB that are copied in one visit: appends wait a few milliseconds at most.
    private static var pagesPerVisit: Int32 { 512 }

    /// Writes a consistent copy to a new file at `path`, mode 0600; appends go on meanwhile. Nothing is left behind on a failure.
    package func backup(to path: String) async throws(BackupFault) -> BackupReport {
        try create(path)
        do throws(BackupFault) {
            try await copy(to: path)
            return try await report(path)
        } catch {
            for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
            throw error
        }
    }

    private func create(_ path: String) throws(BackupFault) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritten(String(cString: strerror(errno))) }
        Glibc.close(descriptor)
    }

    private func copy(to path: String) async throws(BackupFault) {
        try await onWriter { writer throws(SQLiteError) in
            let target = try SQLiteConnection(path: path)
            try target.execute("PRAGMA synchronous = FULL")
            writer.backups[path] = try SQLiteBackup(from: writer.connection, to: target)
        }
        do throws(BackupFault) {
            while try await onWriter({ writer throws(SQLiteError) in
                guard let backup = writer.backups[path] else { return true }
                return try backup.step(pages: Self.pagesPerVisit)
            }) == false {}
        } catch {
            try? await onWriter { writer throws(SQLiteError) in writer.backups.removeValue(forKey: path)?.close() }
            throw error
        }
        try await onWriter { writer throws(SQLiteError) in writer.backups.removeValue(forKey: path)?.close() }
    }

    /// Opens the copy as the relay would, but for its lock: a copy that cannot be read is none.
    private func report(_ path: String) async throws(BackupFault) -> BackupReport {
        do throws(SQLiteError) {
            let copy = try SQLiteConnection(path: path)
            defer { copy.close() }
            // The copy carries the journal mode of its source; one file is easier to carry than three.
            _ = try copy.text("PRAGMA journal_mode = DELETE")
            let all = Int(try copy.integer("SELECT count(*) FROM entries"))
            var information = stat()
            guard stat(path, &information) == 0 else { throw SQLiteError(extendedCode: 14, message: "the copy is gone") }
            return BackupReport(path: path, bytes: Int(information.st_size), entries: all)
        } catch {
            throw .notWritten(error.description)
        }
    }

    private func onWriter<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OutboxWriter) throws(SQLiteError) -> Value
    ) async throws(BackupFault) -> Value {
        do throws(OutboxError) { return try await visit(body) } catch {
            if case .failed(let cause) = error { throw .notWritten(cause.description) }
            throw .outbox(error)
        }
    }
}
