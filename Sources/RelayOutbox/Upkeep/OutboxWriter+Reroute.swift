import RelayCore

/// Giving entries that Kafka does not have the topic that is in force for them.
extension OutboxWriter {
    /// What one slice writes at most: appends wait for it, and bodies are written anew with their rows.
    static var rerouteRows: Int { 200 }
    static var rerouteBytes: Int { 1 << 20 }
    /// How many entries of a topic are counted for the status.
    static var strandedRows: Int { 100_000 }

    private struct Candidate {
        let sequence: Int64
        let to: TopicName
    }

    /// Of the entries that wait for `topic`.
    func rerouteWaiting(from topic: TopicName, after position: Int64, onlyCounting: Bool) throws(SQLiteError) -> RerouteSlice {
        try reroute(
            """
            SELECT p.sequence, e.event, length(e.body), e.topic = ?1 FROM pending p JOIN entries e ON e.sequence = p.sequence
            WHERE p.topic = ?1 AND p.sequence > ?2 ORDER BY p.sequence LIMIT \(Self.scanRows)
            """,
            from: topic,
            after: position,
            onlyCounting: onlyCounting
        ) { (sequence, to) throws(SQLiteError) in
            try connection.prepared("DELETE FROM pending WHERE topic = ? AND sequence = ?").run(.text(topic.text), sequence)
            try connection.prepared("INSERT INTO pending (topic, sequence) VALUES (?, ?)").run(.text(to.text), sequence)
        }
    }

    /// Of the entries that are dead under `topic` and were not given up: should they be tried again, they go to the right place.
    func rerouteDead(from topic: TopicName, after position: Int64, onlyCounting: Bool) throws(SQLiteError) -> RerouteSlice {
        try reroute(
            """
            SELECT o.sequence, e.event, length(e.body), e.topic = ?1 FROM outcomes o JOIN entries e ON e.sequence = o.sequence
            WHERE o.state = 'dead' AND o.discarded IS NULL AND o.sequence > ?2 ORDER BY o.sequence LIMIT \(Self.scanRows)
            """,
            from: topic,
            after: position,
            onlyCounting: onlyCounting
        )
    }

    private func reroute(
        _ candidates: String,
        from topic: TopicName,
        after position: Int64,
        onlyCounting: Bool,
        _ move: (SQLiteValue, TopicName) throws(SQLiteError) -> Void = { (_, _) throws(SQLiteError) in }
    ) throws(SQLiteError) -> RerouteSlice {
        // A settlement that is not on disk yet names the topic under which its entry left.
        if !onlyCounting, let failure = unwritten { throw failure }
        var slice = RerouteSlice()
        var found: [Candidate] = []
        var bytes = 0
        var seen = 0
        var last = position
        var isCut = false
        try connection.statement(candidates).rows(.text(topic.text), .integer(position)) { row in
            seen += 1
            last = row.integer(0)
            // Dead entries are walked over whatever their topic; one that waits under another name than its own is damaged.
            if row.integer(3) == 0 { return true }
            guard let to = topicInForce(for: row.optionalText(1)) else {
                slice.unroutable += 1
                return true
            }
            guard to != topic else {
                slice.right += 1
                return true
            }
            slice.moved[to, default: 0] += 1
            if onlyCounting { return true }
            found.append(Candidate(sequence: last, to: to))
            bytes += Int(row.integer(2))
            isCut = found.count >= Self.rerouteRows || bytes >= Self.rerouteBytes
            return !isCut
        }
        if !found.isEmpty {
            let now = SQLiteValue.integer(time.now().milliseconds)
            try connection.transaction { () throws(SQLiteError) in
                for candidate in found {
                    let sequence = SQLiteValue.integer(candidate.sequence)
                    try move(sequence, candidate.to)
                    try connection.prepared("UPDATE entries SET topic = ? WHERE sequence = ?").run(.text(candidate.to.text), sequence)
                    try connection.prepared("INSERT OR IGNORE INTO rerouted (sequence, at, topic) VALUES (?, ?, ?)").run(
                        sequence,
                        now,
                        .text(topic.text)
                    )
                }
            }
        }
        slice.next = isCut || seen == Self.scanRows ? last : nil
        return slice
    }

    /// Nil for a row's event that no topic can be named for, or that the relay never wrote; for none, the dead letters' topic.
    func topicInForce(for event: String?) -> TopicName? {
        guard let event else { return settings.routing.deadLetters }
        return EventName(event).flatMap(settings.routing.topic)
    }

    /// Nil where the oldest entries that wait for `topic` belong there.
    func stranded(in topic: TopicName) throws(SQLiteError) -> StrandedTopic? {
        var isStranded = false
        var to: TopicName?
        try connection.statement(
            """
            SELECT e.event FROM pending p JOIN entries e ON e.sequence = p.sequence WHERE p.topic = ?
            ORDER BY p.sequence LIMIT \(Self.rerouteRows)
            """
        ).rows(.text(topic.text)) { row in
            let inForce = topicInForce(for: row.optionalText(0))
            guard inForce != topic else { return true }
            isStranded = true
            to = inForce
            return false
        }
        guard isStranded else { return nil }
        let count = try connection.statement(
            "SELECT count(*) FROM (SELECT 1 FROM pending WHERE topic = ? LIMIT \(Self.strandedRows + 1))"
        ).first(.text(topic.text)) { Int($0.integer(0)) }
        let waiting = min(count ?? 0, Self.strandedRows)
        return StrandedTopic(topic: topic.text, waiting: waiting, isMore: count ?? 0 > waiting, to: to?.text)
    }
}
