import CSQLite
package import RelayCore

/// Which topics entries wait for, of an outbox that nobody has open; see ``OutboxGlance``.
extension OutboxGlance {
    /// Topics that entries wait for and that `inForce` sends none of them to any more; empty where that cannot be told.
    package static func strandedTopics(path: String, inForce: TopicRouting) -> [StrandedTopic] {
        guard case .idle(let pending, _, _) = OutboxGlance(path: path), pending > 0 else { return [] }
        var stranded: [StrandedTopic] = []
        eachRow(
            of: """
                SELECT p.topic, e.event, count(*) FROM pending p JOIN entries e ON e.sequence = p.sequence GROUP BY 1, 2 ORDER BY 1, 2
                """,
            in: path
        ) { topic, event, count in
            let to = event.map { EventName($0).flatMap(inForce.topic) } ?? inForce.deadLetters
            guard let topic, to?.text != topic else { return }
            if stranded.last?.topic == topic {
                stranded[stranded.count - 1].waiting += count
            } else {
                stranded.append(StrandedTopic(topic: topic, waiting: count, isMore: false, to: to?.text))
            }
        }
        return stranded
    }

    private static func eachRow(of sql: String, in path: String, _ row: (String?, String?, Int) -> Void) {
        guard let handle = openUntouched(path) else { return }
        defer { sqlite3_close_v2(handle) }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { return }
        defer { sqlite3_finalize(statement) }
        let text = { (column: Int32) in sqlite3_column_text(statement, column).map { String(cString: $0) } }
        while sqlite3_step(statement) == SQLITE_ROW { row(text(0), text(1), Int(sqlite3_column_int64(statement, 2))) }
    }
}
