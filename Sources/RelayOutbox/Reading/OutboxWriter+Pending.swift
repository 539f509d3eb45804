import RelayCore
import RelayMetrics

/// Finding what waits for Kafka.
extension OutboxWriter {
    /// A row that cannot be read is set aside as dead, so that it holds up nobody, and what comes after it takes its place.
    /// Short of `limit` where the entries come to ``PendingRead/bytes``. Throws while it would bring an entry that is settled in memory alone.
    func pending(in topic: TopicName, after sequence: Int64, limit: Int) throws(SQLiteError) -> [OutboxEntry] {
        if let unwritten, isBehind(after: sequence) { throw unwritten }
        while true {
            var entries: [OutboxEntry] = []
            var footprint = 0
            var damaged: [Int64] = []
            try connection.statement(
                """
                SELECT p.sequence, \(OutboxEntry.columns) FROM pending p LEFT JOIN entries e ON e.sequence = p.sequence
                WHERE p.topic = ? AND p.sequence > ? ORDER BY p.sequence LIMIT ?
                """
            ).rows(.text(topic.text), .integer(sequence), .integer(Int64(limit))) { (row) throws(SQLiteError) in
                if let entry = OutboxEntry(row, from: 1), entry.topic == topic {
                    entries.append(entry)
                    footprint += entry.footprint
                } else {
                    damaged.append(row.integer(0))
                }
                return footprint < PendingRead.bytes
            }
            if damaged.isEmpty { return entries }
            try setAside(damaged, waitingFor: topic.text, because: "its row holds what the relay never writes")
        }
    }

    /// Makes damaged entries dead with the code `damaged`.
    private func setAside(_ sequences: [Int64], waitingFor topic: String, because detail: String) throws(SQLiteError) {
        var counts = counts
        try connection.transaction { () throws(SQLiteError) in
            for sequence in sequences { try setAside(sequence, waitingFor: topic, because: detail, to: &counts) }
        }
        self.counts = counts
        meters.damaged.add(sequences.count)
    }

    /// One look a topic: it never walks over all that waits.
    func topicsPending() throws(SQLiteError) -> [TopicName] {
        var topics: [TopicName] = []
        var last = ""
        while let next = try connection.statement("SELECT topic FROM pending WHERE topic > ? ORDER BY topic LIMIT 1").first(
            .text(last),
            read: { $0.text(0) }
        ) {
            last = next
            if let topic = TopicName(next) {
                topics.append(topic)
                continue
            }
            var damaged: [Int64] = []
            try connection.statement("SELECT sequence FROM pending WHERE topic = ?").rows(.text(next)) {
                damaged.append($0.integer(0))
                return true
            }
            try setAside(damaged, waitingFor: next, because: "its topic's name is none that Kafka takes")
        }
        return topics
    }

    func oldestPendingReceipt() throws(SQLiteError) -> Timestamp? {
        var oldest: Timestamp?
        for topic in try topicsPending() {
            let first = try connection.statement(
                """
                SELECT received FROM entries
                WHERE sequence = (SELECT sequence FROM pending WHERE topic = ? ORDER BY sequence LIMIT 1)
                """
            ).first(.text(topic.text)) { Timestamp(milliseconds: $0.integer(0)) }
            if let first { oldest = oldest.map { min($0, first) } ?? first }
        }
        return oldest
    }
}

extension OutboxEntry {
    /// Of `entries e`.
    static var columns: String {
        "e.sequence, e.fact, e.topic, e.user, e.event, e.subscription, e.source, e.received, e.code, e.detail, e.body, e.origin"
    }

    /// Reads ``columns``; nil for a row that holds what the relay never wrote: nothing is guessed at.
    /// - Parameter first: the position of the first of them.
    init?(_ row: SQLiteRow, from first: Int32 = 0, replay: String? = nil) {
        let sequence = row.integer(first)
        guard let id = row.id(first + 1), let topic = TopicName(row.text(first + 2)) else { return nil }
        let received = Timestamp(milliseconds: row.integer(first + 7))
        let body = row.blob(first + 10)
        guard let name = row.optionalText(first + 4) else {
            let letter = DeadLetter(code: row.text(first + 8), detail: row.text(first + 9), receivedAt: received, body: body)
            self.init(sequence: sequence, id: id, topic: topic, content: .deadLetter(letter), replay: replay)
            return
        }
        guard let event = EventName(name) else { return nil }
        let envelope = Envelope(
            id: id,
            source: row.text(first + 6),
            event: event,
            user: row.optionalText(first + 3).flatMap(UserID.init),
            time: received,
            subscription: row.optionalText(first + 5),
            origin: row.optionalText(first + 11),
            data: body
        )
        self.init(sequence: sequence, id: id, topic: topic, content: .event(envelope), replay: replay)
    }
}

/// The error code of an entry whose row cannot be read.
let damagedCode = "damaged"
