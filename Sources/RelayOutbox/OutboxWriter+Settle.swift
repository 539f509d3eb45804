import RelayCore

/// Recording what became of entries.
extension OutboxWriter {
    /// Only an entry that still waits is settled: a late or repeated report changes nothing.
    func apply(_ settlement: Settlement, to counts: inout Counts) throws(SQLiteError) {
        let sequence = SQLiteValue.integer(settlement.sequence)
        let at = SQLiteValue.integer(settlement.at.milliseconds)
        switch settlement.outcome {
        case .published(let partition, let offset):
            try connection.statement(
                """
                UPDATE entries SET state = 'published', attempts = attempts + 1, settled = ?, partition = ?, "offset" = ?
                WHERE sequence = ? AND state = 'pending'
                """
            ).run(at, .integer(Int64(partition)), .integer(offset), sequence)
            counts.pending -= connection.changes
        case .dead(let code, let detail):
            try connection.statement(
                """
                UPDATE entries SET state = 'dead', attempts = attempts + 1, settled = ?, error_code = ?, error_detail = ?
                WHERE sequence = ? AND state = 'pending'
                """
            ).run(at, .text(code), .text(detail), sequence)
            counts.pending -= connection.changes
            counts.dead += connection.changes
            try recordFailure(sequence, at, code, detail)
        case .failed(let code, let detail):
            try connection.statement(
                """
                UPDATE entries SET attempts = attempts + 1, error_code = ?, error_detail = ?
                WHERE sequence = ? AND state = 'pending'
                """
            ).run(.text(code), .text(detail), sequence)
            try recordFailure(sequence, at, code, detail)
        }
    }

    /// Keeps the newest ``maximumFailures`` of an entry: an outage of days must not fill the disk with its own history.
    private func recordFailure(_ sequence: SQLiteValue, _ at: SQLiteValue, _ code: String, _ detail: String) throws(SQLiteError) {
        guard connection.changes > 0 else { return }
        try connection.statement("INSERT INTO failures (sequence, at, code, detail) VALUES (?, ?, ?, ?)").run(
            sequence,
            at,
            .text(code),
            .text(detail)
        )
        try connection.statement(
            """
            DELETE FROM failures WHERE sequence = ?1 AND rowid <=
                (SELECT rowid FROM failures WHERE sequence = ?1 ORDER BY rowid DESC LIMIT 1 OFFSET \(Self.maximumFailures))
            """
        ).run(sequence)
    }

    private static var maximumFailures: Int { 20 }
}
