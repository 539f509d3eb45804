package import RelayCore

/// What an operator does with entries that Kafka does not have.
extension OutboxWriter {
    /// Puts a dead entry back among those that wait, with its place in the order and its history.
    func retry(_ id: EventID) throws(SQLiteError) -> Result<OutboxEntry, RepairRefusal> {
        switch try deadEntry(id) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let sequence):
            guard let entry = try entry(sequence) else { return .failure(.damaged) }
            try connection.transaction { () throws(SQLiteError) in
                try connection.statement("UPDATE outcomes SET state = 'pending', settled = NULL WHERE sequence = ?").run(.integer(sequence))
                try connection.statement("INSERT INTO pending (topic, sequence) VALUES (?, ?)").run(
                    .text(entry.topic.text),
                    .integer(sequence)
                )
            }
            counts.dead -= 1
            counts.pending += 1
            admission.pendingChanged(to: counts.pending)
            return .success(entry)
        }
    }

    /// Gives an entry up that is dead or, where that is allowed, waits: it keeps its history, is counted no more, and goes after
    /// `outbox.retention`.
    func discard(_ id: EventID, reason: String, evenIfWaiting: Bool) throws(SQLiteError) -> Result<Void, RepairRefusal> {
        switch try unsettledEntry(id) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let entry):
            let waited = entry.state == .pending
            guard !waited || evenIfWaiting else { return .failure(.notDead(.pending)) }
            // Kafka may have it, and the disk not know yet.
            if waited, let unwritten { throw unwritten }
            let now = SQLiteValue.integer(time.now().milliseconds)
            let sequence = SQLiteValue.integer(entry.sequence)
            try connection.transaction { () throws(SQLiteError) in
                if waited { try endWaiting(sequence, of: entry.topic, at: now) }
                try connection.statement("UPDATE outcomes SET discarded = ?, discard_reason = ?, aged = ? WHERE sequence = ?").run(
                    now,
                    .text(reason),
                    .integer(ageing.reading.milliseconds),
                    sequence
                )
                try connection.statement("INSERT INTO discards (sequence, fact, at, reason, waited) VALUES (?, ?, ?, ?, ?)").run(
                    sequence,
                    .id(id),
                    now,
                    .text(reason),
                    .integer(waited ? 1 : 0)
                )
            }
            if waited { counts.pending -= 1 } else { counts.dead -= 1 }
            counts.discarded += 1
            admission.pendingChanged(to: counts.pending)
            return .success(())
        }
    }

    /// An outcome wants an attempt and an error: those of an entry that was never tried are told by ``untriedCode``.
    private func endWaiting(_ sequence: SQLiteValue, of topic: String, at now: SQLiteValue) throws(SQLiteError) {
        try connection.statement("DELETE FROM pending WHERE topic = ? AND sequence = ?").run(.text(topic), sequence)
        try connection.statement(
            """
            INSERT INTO outcomes (sequence, state, attempts, settled, error_code, error_detail) VALUES (?1, 'dead', 1, ?2, ?3, '')
            ON CONFLICT (sequence) DO UPDATE SET state = 'dead', settled = ?2, error_code = coalesce(error_code, ?3)
            """
        ).run(sequence, now, .text(untriedCode))
    }

    private func deadEntry(_ id: EventID) throws(SQLiteError) -> Result<Int64, RepairRefusal> {
        switch try unsettledEntry(id) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let entry): return entry.state == .dead ? .success(entry.sequence) : .failure(.notDead(entry.state))
        }
    }

    /// An entry that Kafka does not have and that was not given up.
    private func unsettledEntry(
        _ id: EventID
    ) throws(SQLiteError) -> Result<(sequence: Int64, state: EntryState, topic: String), RepairRefusal> {
        guard let sequence = try sequence(of: id) else { return .failure(.unknown) }
        let found = try connection.statement("SELECT state, discarded, topic FROM outbox WHERE sequence = ?").first(.integer(sequence)) {
            ($0.text(0), !$0.isNull(1), $0.text(2))
        }
        guard let (text, isDiscarded, topic) = found else { return .failure(.notDead(.pruned)) }
        if isDiscarded { return .failure(.notDead(.discarded)) }
        let state = EntryState(rawValue: text) ?? .pending
        return state == .published ? .failure(.notDead(.published)) : .success((sequence, state, topic))
    }

    private func entry(_ sequence: Int64) throws(SQLiteError) -> OutboxEntry? {
        try connection.statement("SELECT \(OutboxEntry.columns) FROM entries e WHERE sequence = ?").first(.integer(sequence)) {
            OutboxEntry($0)
        } ?? nil
    }
}

/// Why an entry was not touched.
package enum RepairRefusal: Error, Equatable, Sendable {
    /// No such event was ever stored, or it is forgotten.
    case unknown
    case notDead(EntryState)
    /// Its row cannot be read: it can be discarded, never sent.
    case damaged
}

extension SQLiteOutbox {
    /// Puts a dead entry back.
    /// - Parameter readmit: is handed the entry as soon as that is on disk, although whoever asked may have been told meanwhile that it
    ///   takes too long; must not block.
    package func retry(
        _ id: EventID,
        readmit: @escaping @Sendable (OutboxEntry) -> Void = { _ in }
    ) async throws(OutboxError) -> Result<OutboxEntry, RepairRefusal> {
        try await change { writer throws(SQLiteError) in
            let result = try writer.retry(id)
            if case .success(let entry) = result { readmit(entry) }
            return result
        }
    }

    /// Gives an entry up for `reason`: a dead one, or with `evenIfWaiting` one that waits. That one must not be on its way to Kafka.
    package func discard(
        _ id: EventID,
        reason: String,
        evenIfWaiting: Bool = false
    ) async throws(OutboxError) -> Result<Void, RepairRefusal> {
        try await change { writer throws(SQLiteError) in try writer.discard(id, reason: reason, evenIfWaiting: evenIfWaiting) }
    }
}

/// The error code of an entry that was given up before it was ever tried.
let untriedCode = "untried"
