import RelayCore

/// Telling of facts with one name, and of copies that would have been news.
extension OutboxWriter {
    func addRepeats(to record: inout EventRecord) throws(SQLiteError) {
        let found = try connection.statement("SELECT first, number, before FROM again WHERE sequence = ?").first(
            .integer(record.sequence)
        ) { row in row.id(0).map { (first: $0, number: row.integer(1), before: row.optionalInteger(2)) } }
        let turn = found ?? nil
        let first = turn?.first ?? record.id
        let newest = try connection.statement("SELECT sequence, number FROM repeats WHERE id = ?").first(.id(first)) {
            (sequence: $0.integer(0), number: $0.integer(1))
        }
        if let newest {
            let before = try turn?.before.flatMap { (sequence) throws(SQLiteError) in try id(of: sequence) }
            record.again = EventRecord.Again(
                number: turn?.number ?? 1,
                first: first,
                before: before,
                last: try id(of: newest.sequence) ?? record.id,
                count: newest.number
            )
        }
        var resent: [EventRecord.Resent] = []
        try connection.statement("SELECT number, received, change FROM resent WHERE sequence = ? ORDER BY number").rows(
            .integer(record.sequence)
        ) {
            resent.append(EventRecord.Resent(number: $0.integer(0), received: $0.timestamp(1), change: $0.text(2)))
            return true
        }
        record.resent = resent
    }
}
