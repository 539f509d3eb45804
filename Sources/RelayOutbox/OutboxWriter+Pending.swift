import RelayCore
import RelayMetrics

/// Finding what waits for Kafka.
extension OutboxWriter {
    /// A row that cannot be read is set aside as dead, so that it holds up nobody, and what comes after it takes its place.
    func pending(in topic: TopicName, after sequence: Int64, limit: Int) throws(SQLiteError) -> [OutboxEntry] {
        while true {
            var entries: [OutboxEntry] = []
            var damaged: [Int64] = []
            try connection.statement(
                """
                SELECT \(OutboxEntry.columns) FROM entries
                WHERE state = 'pending' AND topic = ? AND sequence > ? ORDER BY sequence LIMIT ?
                """
            ).rows(.text(topic.text), .integer(sequence), .integer(Int64(limit))) { (row) throws(SQLiteError) in
                if let entry = OutboxEntry(row) { entries.append(entry) } else { damaged.append(row.integer(0)) }
                return true
            }
            if damaged.isEmpty { return entries }
            try setAside(damaged, because: "its row holds what the relay never writes")
        }
    }

    /// Makes damaged entries dead with the code `damaged`.
    private func setAside(_ sequences: [Int64], because detail: String) throws(SQLiteError) {
        let now = time.now()
        var counts = counts
        try connection.transaction { () throws(SQLiteError) in
            for sequence in sequences {
                try apply(Settlement(sequence: sequence, at: now, outcome: .dead(code: damagedCode, detail: detail)), to: &counts)
            }
        }
        self.counts = counts
        meters.damaged.add(sequences.count)
    }

    /// One look into the index a topic: it never walks over the entries themselves.
    func topicsPending() throws(SQLiteError) -> [TopicName] {
        var topics: [TopicName] = []
        var last = ""
        while let next = try connection.statement(
            "SELECT topic FROM entries WHERE state = 'pending' AND topic > ? ORDER BY topic LIMIT 1"
        ).first(.text(last), read: { $0.text(0) }) {
            last = next
            if let topic = TopicName(next) {
                topics.append(topic)
                continue
            }
            var damaged: [Int64] = []
            try connection.statement("SELECT sequence FROM entries WHERE state = 'pending' AND topic = ?").rows(.text(next)) {
                damaged.append($0.integer(0))
                return true
            }
            try setAside(damaged, because: "its topic's name is none that Kafka takes")
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

    /// Reads ``columns``; nil for a row that holds what the relay never wrote: nothing is guessed at.
    init?(_ row: SQLiteRow, replay: String? = nil) {
        let sequence = row.integer(0)
        guard let id = EventID(bytes: row.blob(1)), let topic = TopicName(row.text(2)) else { return nil }
        let received = Timestamp(milliseconds: row.integer(7))
        let body = row.blob(10)
        guard let name = row.optionalText(4) else {
            let letter = DeadLetter(code: row.text(8), detail: row.text(9), receivedAt: received, body: body)
            self.init(sequence: sequence, id: id, topic: topic, content: .deadLetter(letter), replay: replay)
            return
        }
        guard let event = EventName(name) else { return nil }
        let envelope = Envelope(
            id: id,
            source: row.text(6),
            event: event,
            user: row.optionalText(3).flatMap(UserID.init),
            time: received,
            subscription: row.optionalText(5),
            data: body
        )
        self.init(sequence: sequence, id: id, topic: topic, content: .event(envelope), replay: replay)
    }
}

/// The error code of an entry whose row cannot be read.
let damagedCode = "damaged"
