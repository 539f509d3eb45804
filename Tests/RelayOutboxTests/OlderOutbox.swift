import Foundation

@testable import RelayOutbox

extension TemporaryOutbox {
    /// Makes the closed outbox one of an older version of the schema, by that version's own steps, with all rows and columns that it knew.
    func takeBack(to version: Int) throws {
        let older = folder + "/older.sqlite"
        try Data().write(to: URL(fileURLWithPath: older))
        let connection = try SQLiteConnection(path: older)
        for step in Schema.migrations.prefix(version) { try connection.execute(step) }
        try connection.execute("PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version); DELETE FROM progress")
        try connection.execute("ATTACH '\(path)' AS newer")
        var tables: [String] = []
        try connection.statement("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").rows {
            tables.append($0.text(0))
            return true
        }
        for table in tables {
            let columns = try connection.text("SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('\(table)', 'main')")
            try connection.execute("INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM newer.\(table)")
        }
        connection.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try FileManager.default.moveItem(atPath: older, toPath: path)
    }

    /// The first column of the first row, of the closed outbox.
    func text(_ sql: String) throws -> String {
        let connection = try SQLiteConnection(path: path)
        defer { connection.close() }
        return try connection.text(sql)
    }
}
