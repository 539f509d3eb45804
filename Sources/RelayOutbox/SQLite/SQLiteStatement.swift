import CSQLite
import RelayCore

/// A prepared statement; used by the thread that owns its connection, one row at a time.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private unowned let connection: SQLiteConnection

    fileprivate init(handle: OpaquePointer, connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds, runs to the end and resets.
    func run(_ values: SQLiteValue...) throws(SQLiteError) {
        try bind(values)
        defer { reset() }
        while try step() {}
    }

    /// Binds and hands over each row until `row` answers false.
    func rows(_ values: SQLiteValue..., row: (SQLiteRow) throws(SQLiteError) -> Bool) throws(SQLiteError) {
        try rows(binding: values, row: row)
    }

    /// The same with values that are counted only when it runs.
    func rows(binding values: [SQLiteValue], row: (SQLiteRow) throws(SQLiteError) -> Bool) throws(SQLiteError) {
        try bind(values)
        defer { reset() }
        while try step() { if try !row(SQLiteRow(handle: handle)) { return } }
    }

    /// What `read` makes of the first row, nil if there is none.
    func first<Value>(_ values: SQLiteValue..., read: (SQLiteRow) -> Value) throws(SQLiteError) -> Value? {
        try bind(values)
        defer { reset() }
        return try step() ? read(SQLiteRow(handle: handle)) : nil
    }

    private func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            // SQLITE_TRANSIENT: SQLite copies, for the array's storage ends with this call.
            let result =
                switch value {
                case .null: sqlite3_bind_null(handle, position)
                case .integer(let integer): sqlite3_bind_int64(handle, position, integer)
                case .text(let text): bind(text, at: position)
                case .id(let id): id.withBytes { sqlite3_bind_blob(handle, position, $0.baseAddress, 16, transient) }
                case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(handle, position, 0)
                case .blob(let bytes): sqlite3_bind_blob(handle, position, bytes, Int32(clamping: bytes.count), transient)
                }
            guard result == SQLITE_OK else {
                sqlite3_clear_bindings(handle)
                throw connection.error(result)
            }
        }
    }

    /// As a C string it would be copied once more on the way; nearly every string lends its bytes.
    private func bind(_ text: String, at position: Int32) -> Int32 {
        let lent = text.utf8.withContiguousStorageIfAvailable { utf8 -> Int32? in
            guard let start = utf8.baseAddress else { return nil }
            return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                sqlite3_bind_text(handle, position, $0, Int32(clamping: utf8.count), transient)
            }
        }
        return (lent ?? nil) ?? sqlite3_bind_text(handle, position, text, Int32(clamping: text.utf8.count), transient)
    }

    private func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw connection.error(result)
        }
    }

    private func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}

private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// A value to bind.
enum SQLiteValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    /// As a blob of 16 bytes.
    case id(EventID)

    static func optional(_ text: String?) -> SQLiteValue { text.map(SQLiteValue.text) ?? .null }
    static func optional(_ integer: Int64?) -> SQLiteValue { integer.map(SQLiteValue.integer) ?? .null }
}

/// The row a statement stands at; of no use after the statement goes on.
struct SQLiteRow {
    fileprivate let handle: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
    func text(_ column: Int32) -> String { sqlite3_column_text(handle, column).map { String(cString: $0) } ?? "" }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] { Array(bytes(column)) }
    /// Nil unless there are 16 bytes.
    func id(_ column: Int32) -> EventID? { EventID(bytes: bytes(column)) }

    private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let start = sqlite3_column_blob(handle, column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}

extension SQLiteConnection {
    /// Prepares `sql` once; asked again it gives the same statement, found by where the text lies rather than by what it says.
    func prepared(_ sql: StaticString) throws(SQLiteError) -> SQLiteStatement {
        let place = UInt(bitPattern: sql.utf8Start)
        if let known = fixedStatements[place] { return known }
        let statement = try prepare(sql.description)
        fixedStatements[place] = statement
        return statement
    }

    /// Prepares `sql` once; asked again it gives the same statement.
    func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let known = statements[sql] { return known }
        let statement = try prepare(sql)
        statements[sql] = statement
        return statement
    }

    private func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard result == SQLITE_OK, let prepared else { throw error(result) }
        return SQLiteStatement(handle: prepared, connection: self)
    }
}
