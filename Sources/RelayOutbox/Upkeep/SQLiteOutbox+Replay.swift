package import RelayCore

/// The books of replays: the outbox tells what is next and keeps what was done; publishing is the publisher's.
extension SQLiteOutbox {
    /// Counts, in slices, what a replay of `filter` would publish, as things stand.
    package func countReplay(_ filter: OutboxFilter) async throws(OutboxError) -> ReplayCount {
        let (upto, now) = try await visit { writer throws(SQLiteError) in
            (try writer.connection.integer("SELECT coalesce(max(sequence), 0) FROM entries"), writer.ageing.reading)
        }
        var count = ReplayCount(total: 0, gone: 0, upto: upto)
        var position: Int64 = 0
        while true {
            let from = position
            let slice = try await visit { writer throws(SQLiteError) in
                try writer.replaySlice(filter, upto: upto, ordered: now, beyond: from, wanted: .max)
            }
            count.total += slice.sequences.count
            position = slice.position
            if slice.isAtEnd { break }
        }
        guard filter.state == .published || filter.state == nil else { return count }
        var fact: Int64? = 0
        while let from = fact {
            let (found, next) = try await visit { writer throws(SQLiteError) in try writer.forgotten(filter, beyond: from) }
            count.gone += found
            fact = next
        }
        return count
    }

    /// Writes a replay down; durable when it returns.
    /// - Parameter added: called as soon as that is on disk, although whoever asked may have been told meanwhile that it takes too long.
    package func addReplay(
        id: EventID,
        of filter: OutboxFilter,
        count: ReplayCount,
        rate: Int,
        requestedBy: String,
        added: @escaping @Sendable () -> Void = {}
    ) async throws(OutboxError) -> ReplayRecord {
        let record = ReplayRecord(
            id: id,
            requestedBy: requestedBy,
            created: time.now(),
            filter: filter,
            rate: max(1, rate),
            total: count.total,
            gone: count.gone,
            done: 0,
            failed: 0,
            position: 0,
            upto: count.upto
        )
        try await change { writer throws(SQLiteError) in
            try writer.add(record)
            added()
        }
        return record
    }

    /// Replays, the newest first.
    package func replays(limit: Int = 100) async throws(OutboxError) -> [ReplayRecord] {
        try await visit { writer throws(SQLiteError) in try writer.replays("ORDER BY number DESC LIMIT ?", .integer(Int64(limit))) }
    }

    package func replay(_ id: EventID) async throws(OutboxError) -> ReplayRecord? {
        try await visit { writer throws(SQLiteError) in try writer.replays("WHERE id = ?", .id(id)).first }
    }

    /// The oldest replay that is not finished; they are done one after the other.
    package func nextReplay() async throws(OutboxError) -> ReplayRecord? {
        try await visit { writer throws(SQLiteError) in
            try writer.replays("WHERE finished IS NULL ORDER BY number LIMIT ?", .integer(1)).first
        }
    }

    /// Entries that `replay` is to publish, in order, from after `position` on; those it has published already are left out.
    /// - Returns: where to go on, nil at the end.
    package func entries(
        of replay: ReplayRecord,
        after position: Int64?,
        limit: Int
    ) async throws(OutboxError) -> (entries: [OutboxEntry], next: Int64?, damaged: [Int64]) {
        try await visit { writer throws(SQLiteError) in
            try writer.entries(of: replay, after: position ?? replay.position, limit: limit)
        }
    }

    /// Records outcomes; durable when it returns.
    /// - Parameters:
    ///   - position: all of the replay up to this sequence is done.
    ///   - isFinished: nothing is left.
    package func record(
        _ outcomes: [ReplayOutcome],
        of id: EventID,
        position: Int64,
        isFinished: Bool
    ) async throws(OutboxError) {
        try await visit { writer throws(SQLiteError) in
            try writer.record(outcomes, of: id, position: position, isFinished: isFinished)
        }
    }
}
