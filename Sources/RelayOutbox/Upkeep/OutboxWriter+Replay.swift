import FoundationEssentials
import RelayCore

/// The books of replays.
extension OutboxWriter {
    /// Settled before the replay was ordered: what is published later arrives by itself. Which was first is told by the clock of ageing:
    /// that of the machine may have been set meanwhile.
    /// - Parameter ordered: the reading at the order.
    func replaySlice(
        _ filter: OutboxFilter,
        upto: Int64,
        ordered: Timestamp,
        beyond position: Int64,
        wanted: Int
    ) throws(SQLiteError) -> Slice {
        var filter = filter
        filter.state = filter.state ?? .published
        var bounds = Condition()
        bounds.add("e.sequence <= ? AND coalesce(o.aged, o.settled) <= ?", .integer(upto), .integer(ordered.milliseconds))
        var slice = try scan(filter, beyond: position, newestFirst: false, wanted: wanted, also: bounds)
        if slice.position >= upto { slice.isAtEnd = true }
        return slice
    }

    /// Counts facts that are meant and whose entries are gone, among the next rows; `next` is nil at the end.
    func forgotten(_ filter: OutboxFilter, beyond fact: Int64) throws(SQLiteError) -> (found: Int, next: Int64?) {
        let condition = filter.onForgotten
        var found = 0
        var seen = 0
        var last = fact
        try connection.statement(
            "SELECT f.sequence, \(condition.sql) FROM facts f WHERE f.sequence > ? ORDER BY f.sequence LIMIT \(Self.scanRows)"
        ).rows(binding: condition.values + [.integer(fact)]) { row in
            seen += 1
            last = row.integer(0)
            if row.integer(1) != 0 { found += 1 }
            return true
        }
        return (found, seen < Self.scanRows ? nil : last)
    }

    func add(_ record: ReplayRecord) throws(SQLiteError) {
        let filter = (try? JSONEncoder().encode(record.filter)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        try connection.transaction { () throws(SQLiteError) in
            try connection.statement(
                "INSERT INTO replays (id, requested_by, created, filter, rate, upto, total, gone, aged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ).run(
                .id(record.id),
                .text(record.requestedBy),
                .integer(record.created.milliseconds),
                .text(filter),
                .integer(Int64(record.rate)),
                .integer(record.upto),
                .integer(Int64(record.total)),
                .integer(Int64(record.gone)),
                .integer(ageing.reading.milliseconds)
            )
        }
    }

    func replays(_ clause: String, _ value: SQLiteValue) throws(SQLiteError) -> [ReplayRecord] {
        var records: [ReplayRecord] = []
        try connection.statement(
            """
            SELECT id, requested_by, created, filter, rate, total, gone, done, failed, started, finished, position, upto
            FROM replays \(clause)
            """
        ).rows(value) { row in
            guard
                let id = row.id(0),
                let filter = try? JSONDecoder().decode(OutboxFilter.self, from: Data(row.text(3).utf8))
            else { return true }
            records.append(
                ReplayRecord(
                    id: id,
                    requestedBy: row.text(1),
                    created: row.timestamp(2),
                    filter: filter,
                    rate: Int(row.integer(4)),
                    total: Int(row.integer(5)),
                    gone: Int(row.integer(6)),
                    done: Int(row.integer(7)),
                    failed: Int(row.integer(8)),
                    started: row.optionalInteger(9).map(Timestamp.init(milliseconds:)),
                    finished: row.optionalInteger(10).map(Timestamp.init(milliseconds:)),
                    position: row.integer(11),
                    upto: row.integer(12)
                )
            )
            return true
        }
        return records
    }

    func entries(
        of replay: ReplayRecord,
        after position: Int64,
        limit: Int
    ) throws(SQLiteError) -> (entries: [OutboxEntry], next: Int64?, damaged: [Int64]) {
        let ordered = try connection.statement("SELECT coalesce(aged, created) FROM replays WHERE id = ?").first(.id(replay.id)) {
            $0.timestamp(0)
        }
        let slice = try replaySlice(replay.filter, upto: replay.upto, ordered: ordered ?? replay.created, beyond: position, wanted: limit)
        var entries: [OutboxEntry] = []
        var damaged: [Int64] = []
        var footprint = 0
        for sequence in slice.sequences {
            // Bodies may be large: what is left is read next time.
            if footprint >= PendingRead.bytes { return (entries, sequence - 1, damaged) }
            let isDone = try connection.statement("SELECT 1 FROM replayed WHERE sequence = ? AND replay = ?").first(
                .integer(sequence),
                .id(replay.id)
            ) { _ in true }
            if isDone != nil { continue }
            let entry = try connection.statement("SELECT \(OutboxEntry.columns) FROM entries e WHERE sequence = ?").first(
                .integer(sequence)
            ) { OutboxEntry($0, replay: replay.id.description) }
            if let found = entry ?? nil {
                entries.append(found)
                footprint += found.footprint
            } else {
                damaged.append(sequence)
            }
        }
        return (entries, slice.isAtEnd ? nil : slice.position, damaged)
    }

    func record(_ outcomes: [ReplayOutcome], of id: EventID, position: Int64, isFinished: Bool) throws(SQLiteError) {
        let now = SQLiteValue.integer(time.now().milliseconds)
        try connection.transaction { () throws(SQLiteError) in
            var done: Int64 = 0
            var failed: Int64 = 0
            for outcome in outcomes {
                var place: ReplayOutcome.Place?
                var refusal: ReplayOutcome.Refusal?
                switch outcome.result {
                case .success(let found): place = found
                case .failure(let found): refusal = found
                }
                try connection.statement(
                    """
                    INSERT OR IGNORE INTO replayed (sequence, replay, at, partition, "offset", error_code, error_detail)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
                ).run(
                    .integer(outcome.sequence),
                    .id(id),
                    .integer(outcome.at.milliseconds),
                    .optional(place.map { Int64($0.partition) }),
                    .optional(place?.offset),
                    .optional(refusal?.code),
                    .optional(refusal?.detail)
                )
                if connection.changes > 0 { if place != nil { done += 1 } else { failed += 1 } }
            }
            // At the end, what was pruned meanwhile is gone too.
            try connection.statement(
                """
                UPDATE replays SET position = max(position, ?1), done = done + ?2, failed = failed + ?3, started = coalesce(started, ?4),
                    finished = CASE WHEN ?5 THEN coalesce(finished, ?4) END,
                    gone = CASE WHEN ?5 THEN gone + max(0, total - done - failed - ?2 - ?3) ELSE gone END
                WHERE id = ?6 AND finished IS NULL
                """
            ).run(
                .integer(position),
                .integer(done),
                .integer(failed),
                now,
                .integer(isFinished ? 1 : 0),
                .id(id)
            )
        }
    }
}
