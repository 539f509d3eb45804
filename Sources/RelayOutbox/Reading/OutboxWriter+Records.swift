import FoundationEssentials
import RelayCore

/// Telling what is known of one event.
extension OutboxWriter {
    /// - Parameter whole: with copies, failures and replays.
    func record(of id: EventID, whole: Bool, includesData: Bool) throws(SQLiteError) -> EventRecord? {
        guard let sequence = try sequence(of: id) else { return nil }
        return try record(at: sequence, whole: whole, includesData: includesData)
    }

    func record(at sequence: Int64, whole: Bool, includesData: Bool) throws(SQLiteError) -> EventRecord? {
        let sql = """
            SELECT f.sequence, f.event, f.user, f.first_seen, f.secret, f.change, f.revision, f.kind, f.members, f.duplicates, f.previous,
                e.sequence, coalesce(o.state, 'pending'), e.topic, e.subscription, length(e.body), coalesce(o.attempts, 0), o.settled,
                o.partition, o."offset", o.error_code, o.error_detail, e.code, e.detail, o.discarded, o.discard_reason,
                f.id, d.waited, e.origin\(includesData ? ", e.body" : "")
            FROM facts f LEFT JOIN entries e ON e.sequence = f.sequence LEFT JOIN outcomes o ON o.sequence = f.sequence
                LEFT JOIN discards d ON d.sequence = f.sequence
            WHERE f.sequence = ?
            """
        var previous: Int64?
        let found = try connection.statement(sql).first(.integer(sequence)) { row in
            previous = row.optionalInteger(10)
            return row.id(26).map { EventRecord(row, id: $0, includesData: includesData) }
        }
        guard var record = found ?? nil else { return nil }
        if let accounts = record.accounts, record.change != nil {
            let before = try previous.flatMap { (fact) throws(SQLiteError) in try setBefore(fact) }
            if before != nil || record.change == "initial" {
                let now = ConnectedSet(kind: .accounts, joined: accounts.joined(separator: ","))
                let then = before ?? ConnectedSet(kind: .accounts, joined: "")
                record.accountsAdded = now.subtracting(then)
                record.accountsRemoved = then.subtracting(now)
            }
        }
        if record.state == .pending || record.state == .dead, let inForce = topicInForce(for: record.event)?.text, inForce != record.topic {
            record.topicInForce = inForce
        }
        if whole {
            try addHistory(to: &record)
            try addRepeats(to: &record)
        }
        return record
    }

    /// The nearest set of accounts among the user's facts from `fact` back: events about one account leave the set as it is.
    private func setBefore(_ fact: Int64) throws(SQLiteError) -> ConnectedSet? {
        var fact: Int64? = fact
        for _ in 0..<100 {
            guard let sequence = fact else { return nil }
            var set: ConnectedSet?
            fact =
                try connection.statement("SELECT kind, members, previous FROM facts WHERE sequence = ?").first(.integer(sequence)) { row in
                    // Of a set of items no account is known.
                    if let members = row.optionalText(1) { set = ConnectedSet(kind: .accounts, joined: row.integer(0) == 0 ? members : "") }
                    return row.optionalInteger(2)
                } ?? nil
            if let set { return set }
        }
        return nil
    }

    private func addHistory(to record: inout EventRecord) throws(SQLiteError) {
        var copies: [EventRecord.Copy] = []
        try connection.statement("SELECT received, secret FROM suppressed WHERE sequence = ? ORDER BY rowid").rows(
            .integer(record.sequence)
        ) {
            copies.append(EventRecord.Copy(received: $0.timestamp(0), secret: $0.position(1)))
            return true
        }
        var failures: [EventRecord.Failure] = []
        try connection.statement("SELECT at, code, detail FROM failures WHERE sequence = ? ORDER BY rowid").rows(
            .integer(record.sequence)
        ) {
            failures.append(EventRecord.Failure(at: $0.timestamp(0), code: $0.text(1), detail: $0.text(2)))
            return true
        }
        var replays: [EventRecord.Replay] = []
        try connection.statement(
            "SELECT replay, at, partition, \"offset\", error_code, error_detail FROM replayed WHERE sequence = ? ORDER BY at LIMIT 100"
        ).rows(.integer(record.sequence)) {
            guard let id = $0.id(0) else { return true }
            replays.append(
                EventRecord.Replay(
                    id: id,
                    at: $0.timestamp(1),
                    partition: $0.optionalInteger(2).map(Int32.init(truncatingIfNeeded:)),
                    offset: $0.optionalInteger(3),
                    error: $0.fault(4)
                )
            )
            return true
        }
        var rerouted: [EventRecord.Reroute] = []
        try connection.statement("SELECT at, topic FROM rerouted WHERE sequence = ? ORDER BY at LIMIT 100").rows(.integer(record.sequence))
        {
            rerouted.append(EventRecord.Reroute(at: $0.timestamp(0), from: $0.text(1)))
            return true
        }
        record.rerouted = rerouted
        record.suppressed = copies
        record.failures = failures
        record.replays = replays
    }
}

extension EventRecord {
    fileprivate init(_ row: SQLiteRow, id: EventID, includesData: Bool) {
        let wasUntried = row.text(20) == untriedCode
        let members = row.optionalText(8).map { ConnectedSet(kind: .accounts, joined: $0).members }
        self.init(
            id: id,
            sequence: row.integer(0),
            state: row.isNull(11) ? .pruned : !row.isNull(24) ? .discarded : EntryState(rawValue: row.text(12)) ?? .dead,
            event: row.optionalText(1),
            user: row.optionalText(2),
            received: row.timestamp(3),
            secret: row.position(4),
            change: row.optionalText(5),
            revision: row.optionalInteger(6),
            accounts: row.optionalInteger(7) == 0 ? members : nil,
            items: row.optionalInteger(7) == 1 ? members : nil,
            duplicates: Int(row.integer(9)),
            topic: row.optionalText(13),
            subscription: row.optionalText(14),
            origin: row.optionalText(28),
            size: row.optionalInteger(15).map(Int.init),
            attempts: wasUntried ? 0 : row.optionalInteger(16).map(Int.init),
            settled: row.optionalInteger(17).map(Timestamp.init(milliseconds:)),
            partition: row.optionalInteger(18).map(Int32.init(truncatingIfNeeded:)),
            offset: row.optionalInteger(19),
            error: wasUntried ? nil : row.fault(20),
            unreadable: row.fault(22),
            discarded: row.optionalInteger(24).map {
                Discard(at: Timestamp(milliseconds: $0), reason: row.text(25), waited: row.integer(27) == 1)
            }
        )
        guard includesData, !row.isNull(11) else { return }
        let body = row.blob(29)
        if let text = String(validating: body, as: UTF8.self) { data = text } else { dataBase64 = Data(body).base64EncodedString() }
    }
}

extension SQLiteRow {
    func timestamp(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }
    /// A secret's position as people count.
    fileprivate func position(_ column: Int32) -> Int? { optionalInteger(column).map { Int($0) + 1 } }
    /// A code and, in the next column, its detail.
    fileprivate func fault(_ column: Int32) -> EventRecord.Fault? {
        optionalText(column).map { EventRecord.Fault(code: $0, detail: text(column + 1)) }
    }
}
