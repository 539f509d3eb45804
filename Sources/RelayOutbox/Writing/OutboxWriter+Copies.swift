import RelayCore

/// Remembering what came of facts that are known: copies, and facts of the same name.
extension OutboxWriter {
    /// Copies of one fact of which it is kept when they came: a sender in a loop must not fill the disk.
    private static var maximumSuppressed: Int64 { 100 }
    /// Copies of one fact that came again with something new, of which that is kept; the newest.
    private static var maximumResent: Int64 { 20 }

    /// Remembers that a copy came of the fact at `sequence` and, while its entry is kept, when; part of the open transaction.
    /// - Parameter resent: what it would have been as a fact of its own.
    func recordCopy(_ fact: Fact, _ sequence: Int64, _ resent: Transition.Change?) throws(SQLiteError) {
        let received = SQLiteValue.integer(fact.receivedAt.milliseconds)
        // What a fact said from before particulars were kept is not known; from now on it says what this copy does.
        try connection.prepared(
            """
            UPDATE facts SET duplicates = duplicates + 1, copied = ?, copied_aged = ?, particulars = coalesce(particulars, ?)
            WHERE sequence = ?
            """
        ).run(
            received,
            .integer(ageing.reading.milliseconds),
            fact.particulars.map { .blob($0.bytes) } ?? .null,
            .integer(sequence)
        )
        try connection.prepared(
            """
            INSERT INTO suppressed (sequence, received, secret) SELECT sequence, ?, ? FROM facts
            WHERE sequence = ? AND duplicates <= ? AND EXISTS (SELECT 1 FROM entries WHERE entries.sequence = facts.sequence)
            """
        ).run(
            received,
            .optional(fact.secret.map(Int64.init)),
            .integer(sequence),
            .integer(Self.maximumSuppressed)
        )
        guard let resent else { return }
        try connection.prepared(
            """
            INSERT INTO resent (sequence, number, received, change)
            SELECT ?1, 1 + coalesce((SELECT max(number) FROM resent WHERE sequence = ?1), 0), ?2, ?3
            """
        ).run(.integer(sequence), received, .text(resent.rawValue))
        try connection.prepared(
            "DELETE FROM resent WHERE sequence = ?1 AND number <= (SELECT max(number) FROM resent WHERE sequence = ?1) - ?2"
        ).run(.integer(sequence), .integer(Self.maximumResent))
    }

    /// Which of the facts with one name a fact is; part of the transaction that stores it.
    /// - Parameter id: of the first of them.
    func record(_ turn: Turn, of id: EventID, at sequence: Int64) throws(SQLiteError) {
        guard turn.number > 1 else { return }
        try connection.prepared(
            "INSERT INTO repeats (id, sequence, number) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET sequence = ?2, number = ?3"
        ).run(.id(id), .integer(sequence), .integer(turn.number))
        try connection.prepared("INSERT INTO again (sequence, first, number, before) VALUES (?, ?, ?, ?)").run(
            .integer(sequence),
            .id(id),
            .integer(turn.number),
            .optional(turn.before)
        )
    }
}
