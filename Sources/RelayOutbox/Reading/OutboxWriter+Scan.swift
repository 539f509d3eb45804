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
        let joins = filter.account == nil ? "" : "LEFT JOIN facts f ON f.sequence = e.sequence"
        // Dead entries have an index of their own and may lie far apart.
        let (among, sequence) = filter.state == .dead ? ("o.state = 'dead' AND o.discarded IS NULL AND", "o.sequence") : ("", "e.sequence")
        let sql = """
            SELECT e.sequence, \(condition.sql) FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence \(joins)
            WHERE \(among) \(sequence) \(newestFirst ? "<" : ">") ? ORDER BY \(sequence) \(newestFirst ? "DESC" : "ASC")
            LIMIT \(Self.scanRows)
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
        var next = if let fact { try sequence(of: fact) } else { try state(of: user)?.lastFact }
        var kept = filter.onEntries
        var gone = filter.onForgotten
        kept.add("e.sequence = ?")
        gone.add("f.sequence = ?")
        let keptSQL = """
            SELECT 1 FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence LEFT JOIN facts f ON f.sequence = e.sequence
            WHERE \(kept.sql)
            """
        let goneSQL = "SELECT 1 FROM facts f WHERE \(gone.sql)"
        let seeksGone = filter.state == nil || filter.state == .pruned
        var found: [EventID] = []
        for _ in 0..<Self.scanRows / 4 {
            guard let sequence = next, found.count < limit else { break }
            let step = try connection.statement("SELECT previous, id FROM facts WHERE sequence = ? AND user = ?").first(
                .integer(sequence),
                .text(user.text)
            ) { ($0.optionalInteger(0), $0.id(1)) }
            guard let (previous, id) = step else { return (found, nil) }
            var isMatch = try isAny(keptSQL, kept.values + [.integer(sequence)])
            if !isMatch, seeksGone { isMatch = try isAny(goneSQL, gone.values + [.integer(sequence)]) }
            if isMatch, let id { found.append(id) }
            next = previous
        }
        return (found, try next.flatMap { (sequence) throws(SQLiteError) in try id(of: sequence) })
    }

    private func isAny(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteError) -> Bool {
        var isAny = false
        try connection.statement(sql).rows(binding: values) { _ in
            isAny = true
            return false
        }
        return isAny
    }

    /// Nil of a fact that is forgotten.
    func id(of sequence: Int64) throws(SQLiteError) -> EventID? {
        try connection.statement("SELECT id FROM facts WHERE sequence = ?").first(.integer(sequence)) { $0.id(0) } ?? nil
    }
}
