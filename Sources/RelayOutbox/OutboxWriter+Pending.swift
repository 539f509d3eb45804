import RelayCore

/// Finding what waits for Kafka.
extension OutboxWriter {
    func pending(in topic: TopicName, after sequence: Int64, limit: Int) throws(SQLiteError) -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        try connection.statement(
            """
            SELECT \(OutboxEntry.columns) FROM entries
            WHERE state = 'pending' AND topic = ? AND sequence > ? ORDER BY sequence LIMIT ?
            """
        ).rows(.text(topic.text), .integer(sequence), .integer(Int64(limit))) { (row) throws(SQLiteError) in
            entries.append(try OutboxEntry(row))
            return true
        }
        return entries
    }

    /// One look into the index a topic: it never walks over the entries themselves.
    func topicsPending() throws(SQLiteError) -> [TopicName] {
        var topics: [TopicName] = []
        var last = ""
        while let next = try connection.statement(
            "SELECT topic FROM entries WHERE state = 'pending' AND topic > ? ORDER BY topic LIMIT 1"
        ).first(.text(last), read: { $0.text(0) }) {
            last = next
            if let topic = TopicName(next) { topics.append(topic) }
        }
        return topics
    }

    func oldestPendingReceipt() throws(SQLiteError) -> Timestamp? {
        var oldest: Timestamp?
        for topic in try topicsPending() {
            let first = try connection.statement(
                "SELECT received FROM entries WHERE state = 'pending' AND topic = ? ORDER BY sequence LIMIT 1"
            ).first(.text(topic.text)) { Timestamp(milliseconds: $0.integer(0)) }
            if let first { oldest = oldest.map { min($0, first) } ?? first }
        }
        return oldest
    }
}

extension OutboxEntry {
    static var columns: String { "sequence, fact, topic, user, event, subscription, source, received, code, detail, body" }

    /// Reads ``columns``; a row that holds what the relay never wrote is reported, not guessed at.
    init(_ row: SQLiteRow) throws(SQLiteError) {
        let sequence = row.integer(0)
        guard let id = EventID(bytes: row.blob(1)), let topic = TopicName(row.text(2)) else {
            throw SQLiteError(extendedCode: damagedRow, message: "entry \(sequence) is damaged")
        }
        let received = Timestamp(milliseconds: row.integer(7))
        let body = row.blob(10)
        guard let name = row.optionalText(4) else {
            let letter = DeadLetter(code: row.text(8), detail: row.text(9), receivedAt: received, body: body)
            self.init(sequence: sequence, id: id, topic: topic, content: .deadLetter(letter))
            return
        }
        guard let event = EventName(name) else {
            throw SQLiteError(extendedCode: damagedRow, message: "entry \(sequence) is damaged")
        }
        let envelope = Envelope(
            id: id,
            source: row.text(6),
            event: event,
            user: row.optionalText(3).flatMap(UserID.init),
            time: received,
            subscription: row.optionalText(5),
            data: body
        )
        self.init(sequence: sequence, id: id, topic: topic, content: .event(envelope))
    }
}

/// SQLITE_CORRUPT: the row cannot have been written by the relay.
private let damagedRow: Int32 = 11
