package import RelayCore

/// What an operator does with dead entries.
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

    /// Gives a dead entry up: it keeps its state and history, is counted no more, and goes after `outbox.retention`.
    func discard(_ id: EventID, reason: String) throws(SQLiteError) -> Result<Void, RepairRefusal> {
        switch try deadEntry(id) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let sequence):
            let now = SQLiteValue.integer(time.now().milliseconds)
            try connection.transaction { () throws(SQLiteError) in
                try connection.statement("UPDATE outcomes SET discarded = ?, discard_reason = ?, aged = ? WHERE sequence = ?").run(
                    now,
                    .text(reason),
                    .integer(ageing.reading.milliseconds),
                    .integer(sequence)
                )
                try connection.statement("INSERT INTO discards (sequence, fact, at, reason) VALUES (?, ?, ?, ?)").run(
                    .integer(sequence),
                    .id(id),
                    now,
                    .text(reason)
                )
            }
            counts.dead -= 1
            counts.discarded += 1
            return .success(())
        }
    }

    private func deadEntry(_ id: EventID) throws(SQLiteError) -> Result<Int64, RepairRefusal> {
        guard let sequence = try sequence(of: id) else { return .failure(.unknown) }
        let found = try connection.statement("SELECT state, discarded FROM outbox WHERE sequence = ?").first(.integer(sequence)) {
            ($0.text(0), !$0.isNull(1))
        }
        guard let (state, isDiscarded) = found else { return .failure(.notDead(.pruned)) }
        if isDiscarded { return .failure(.notDead(.discarded)) }
        return state == "dead" ? .success(sequence) : .failure(.notDead(EntryState(rawValue: state) ?? .pending))
    }

    private func entry(_ sequence: Int64) throws(SQLiteError) -> OutboxEntry? {
        try connection.statement("SELECT \(OutboxEntry.columns) FROM entries e WHERE sequence = ?").first(.integer(sequence)) {
            OutboxEntry($0)
        } ?? nil
    }
}

/// Why a dead entry was not touched.
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

    /// Gives a dead entry up for `reason`.
    package func discard(_ id: EventID, reason: String) async throws(OutboxError) -> Result<Void, RepairRefusal> {
        try await change { writer throws(SQLiteError) in try writer.discard(id, reason: reason) }
    }
}
