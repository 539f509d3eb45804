import RelayCore

/// Recording what became of entries.
extension OutboxWriter {
    /// Only an entry that still waits is settled: a late or repeated report changes nothing.
    func apply(_ settlement: Settlement, to counts: inout Counts) throws(SQLiteError) {
        let topic = SQLiteValue.text(settlement.topic.text)
        let sequence = SQLiteValue.integer(settlement.sequence)
        let at = SQLiteValue.integer(settlement.at.milliseconds)
        switch settlement.outcome {
        case .published(let partition, let offset):
            guard try stopWaiting(topic, sequence, &counts) else { return }
            try connection.prepared(
                """
                INSERT INTO outcomes (sequence, state, attempts, settled, partition, "offset", aged) VALUES (?1, 'published', 1, ?2, ?3, ?4, ?5)
                ON CONFLICT (sequence) DO UPDATE
                    SET state = 'published', attempts = attempts + 1, settled = ?2, partition = ?3, "offset" = ?4, aged = ?5
                """
            ).run(sequence, at, .integer(Int64(partition)), .integer(offset), .integer(ageing.reading.milliseconds))
        case .dead(let code, let detail):
            guard try stopWaiting(topic, sequence, &counts) else { return }
            try bury(sequence, at, code, detail, &counts)
        case .failed(let code, let detail):
            let waits = try connection.prepared("SELECT 1 FROM pending WHERE topic = ? AND sequence = ?").first(topic, sequence) { _ in
                true
            }
            guard waits == true else { return }
            try connection.prepared(
                """
                INSERT INTO outcomes (sequence, state, attempts, error_code, error_detail) VALUES (?1, 'pending', 1, ?2, ?3)
                ON CONFLICT (sequence) DO UPDATE SET attempts = attempts + 1, error_code = ?2, error_detail = ?3
                """
            ).run(sequence, .text(code), .text(detail))
            try recordFailure(sequence, at, code, detail)
        }
    }

    /// False where the entry did not wait.
    private func stopWaiting(_ topic: SQLiteValue, _ sequence: SQLiteValue, _ counts: inout Counts) throws(SQLiteError) -> Bool {
        try connection.prepared("DELETE FROM pending WHERE topic = ? AND sequence = ?").run(topic, sequence)
        guard connection.changes > 0 else { return false }
        counts.pending -= 1
        return true
    }

    private func bury(
        _ sequence: SQLiteValue,
        _ at: SQLiteValue,
        _ code: String,
        _ detail: String,
        _ counts: inout Counts
    ) throws(SQLiteError) {
        try connection.prepared(
            """
            INSERT INTO outcomes (sequence, state, attempts, settled, error_code, error_detail) VALUES (?1, 'dead', 1, ?2, ?3, ?4)
            ON CONFLICT (sequence) DO UPDATE SET state = 'dead', attempts = attempts + 1, settled = ?2, error_code = ?3, error_detail = ?4
            """
        ).run(sequence, at, .text(code), .text(detail))
        counts.dead += 1
        try recordFailure(sequence, at, code, detail)
    }

    /// Makes an entry dead whose row cannot be read, under the name of the topic that it waits for.
    func setAside(_ sequence: Int64, waitingFor topic: String, because detail: String, to counts: inout Counts) throws(SQLiteError) {
        let sequence = SQLiteValue.integer(sequence)
        guard try stopWaiting(.text(topic), sequence, &counts) else { return }
        try bury(sequence, .integer(time.now().milliseconds), damagedCode, detail, &counts)
    }

    /// Keeps the newest ``maximumFailures`` of an entry: an outage of days must not fill the disk with its own history.
    private func recordFailure(_ sequence: SQLiteValue, _ at: SQLiteValue, _ code: String, _ detail: String) throws(SQLiteError) {
        try connection.prepared("INSERT INTO failures (sequence, at, code, detail) VALUES (?, ?, ?, ?)").run(
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
