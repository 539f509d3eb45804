import CSQLite

/// What SQLite answered instead of doing as asked; carries its extended result code and its own words, never a bound value.
package struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// https://www.sqlite.org/rescode.html
    package let extendedCode: Int32
    package let message: String

    package var code: Int32 { extendedCode & 0xFF }
    package var description: String { "\(message) (SQLite \(extendedCode))" }

    /// Whether the statement's own row is at fault, rather than the disk, the file or the process.
    var concernsTheRowAlone: Bool {
        code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH || code == SQLITE_RANGE
    }
}
