import RelayCore

/// Walking over entries for a question, a bounded slice at a time.
extension OutboxWriter {
    /// Rows that one visit looks at: a few milliseconds at most, in which appends wait.
    static var scanRows: Int { 2000 }

    /// What one slice found.
    struct Slice: Sendable {
        var sequences: [Int64] = []
        /// The last sequence that was looked at; where the next slice goes on.
        var position: Int64
        var seen = 0
        var isAtEnd = false
    }

    /// - Parameters:
    ///   - position: looked at are entries beyond it.
    ///   - wanted: stops after so many matches.
    func scan(
        _ filter: OutboxFilter,
        beyond position: Int64,
        newestFirst: Bool,
        wanted: Int,
        also extra: Condition = Condition()
    ) throws(SQLiteError) -> Slice {
        var condition = filter.onEntries
        condition.terms += extra.terms
        condition.values += extra.values
        let joins = filter.account == nil ? "" : "LEFT JOIN facts f ON f.id = e.fact"
        // Dead entries have an index of their own and may lie far apart.
        let among = filter.state == .dead ? "e.state = 'dead' AND e.discarded IS NULL AND" : ""
        let sql = """
            SELECT e.sequence, \(condition.sql) FROM entries e \(joins)
            WHERE \(among) e.sequence \(newestFirst ? "<" : ">") ? ORDER BY e.sequence \(newestFirst ? "DESC" : "ASC") LIMIT \(Self.scanRows)
            """
        var slice = Slice(position: position)
        try connection.statement(sql).rows(binding: condition.values + [.integer(position)]) { row in
            slice.seen += 1
            slice.position = row.integer(0)
            if row.integer(1) != 0 { slice.sequences.append(slice.position) }
            return slice.sequences.count < wanted
        }
        slice.isAtEnd = slice.seen < Self.scanRows && slice.sequences.count < wanted
        return slice
    }

    /// The user's facts from `fact` back, newest first; nil begins with the user's last one. Pruned ones are among them.
    func chain(_ filter: OutboxFilter, user: UserID, from fact: EventID?, limit: Int) throws(SQLiteError) -> (
        found: [EventID], next: EventID?
    ) {
        var next = fact?.bytes
        if next == nil {
            next = try connection.statement("SELECT last_fact FROM users WHERE user = ?").first(.text(user.text)) { $0.blob(0) }
        }
        var kept = filter.onEntries
        var gone = filter.onForgotten
        kept.add("e.sequence = ?")
        gone.add("f.id = ?")
        let keptSQL = "SELECT 1 FROM entries e LEFT JOIN facts f ON f.id = e.fact WHERE \(kept.sql)"
        let goneSQL = "SELECT 1 FROM facts f WHERE \(gone.sql)"
        let seeksGone = filter.state == nil || filter.state == .pruned
        var found: [EventID] = []
        for _ in 0..<Self.scanRows / 4 {
            guard let id = next, found.count < limit else { break }
            let step = try connection.statement("SELECT previous, sequence FROM facts WHERE id = ? AND user = ?").first(
                .blob(id),
                .text(user.text)
            ) { ($0.isNull(0) ? nil : $0.blob(0), $0.integer(1)) }
            guard let (previous, sequence) = step else { return (found, nil) }
            var isMatch = false
            try connection.statement(keptSQL).rows(binding: kept.values + [.integer(sequence)]) { _ in
                isMatch = true
                return false
            }
            if !isMatch, seeksGone {
                try connection.statement(goneSQL).rows(binding: gone.values + [.blob(id)]) { _ in
                    isMatch = true
                    return false
                }
            }
            if isMatch, let event = EventID(bytes: id) { found.append(event) }
            next = previous
        }
        return (found, next.flatMap { EventID(bytes: $0) })
    }
}
