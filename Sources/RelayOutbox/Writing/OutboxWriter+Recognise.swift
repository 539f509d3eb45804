import RelayCore

/// What is known of facts and users: the newest from memory, the others from the index.
extension OutboxWriter {
    enum Recognition {
        case known(sequence: Int64)
        /// With what is known of its user.
        case new(after: RecentFacts.User?)
    }

    func recognise(_ fact: Fact) throws(SQLiteError) -> Recognition {
        let before = try fact.user.flatMap { (user) throws(SQLiteError) in try state(of: user) }
        // Of a user that nobody knows no fact is known either: users are never forgotten.
        if fact.user == nil || before != nil, let sequence = try sequence(of: fact.id) { return .known(sequence: sequence) }
        return .new(after: before)
    }

    /// The order of acceptance of a fact that is stored already, nil for a new one.
    func sequence(of fact: EventID) throws(SQLiteError) -> Int64? {
        if let sequence = recent.sequence(of: fact) { return sequence }
        return try connection.prepared("SELECT sequence FROM fact_ids WHERE id = ?").first(.id(fact)) { $0.integer(0) }
    }

    func state(of user: UserID) throws(SQLiteError) -> RecentFacts.User? {
        guard recent.state(of: user) != nil else { return try RecentFacts.filedState(of: user.text, connection) }
        if recent.isUnmerged(user) { recent.merge(try RecentFacts.filedState(of: user.text, connection), of: user) }
        return recent.state(of: user)
    }

    /// Nil for a fact without a set, or one that is forgotten.
    func connectedSet(of fact: Int64) throws(SQLiteError) -> ConnectedSet? {
        try connection.prepared("SELECT kind, members FROM facts WHERE sequence = ?").first(.integer(fact)) { row in
            row.optionalInteger(0).flatMap(ConnectedSet.Kind.init).map { ConnectedSet(kind: $0, joined: row.text(1)) }
        } ?? nil
    }

    /// Files a slice, if recent facts are being filed; part of the open transaction.
    func fileRecentFacts(_ count: Int) throws(SQLiteError) {
        guard let slice = recent.takeSlice(count) else { return }
        for (id, sequence) in slice.facts {
            // After a crash in the midst of it a fact may be filed already.
            try connection.prepared("INSERT INTO fact_ids (id, sequence) VALUES (?, ?) ON CONFLICT (id) DO NOTHING").run(
                .id(id),
                .integer(sequence)
            )
        }
        for (user, state) in slice.users {
            try connection.prepared(
                """
                INSERT INTO users (user, last_fact, last_set, revision) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (user) DO UPDATE SET last_fact = ?2, last_set = coalesce(?3, last_set), revision = max(?4, revision)
                """
            ).run(.text(user.text), .integer(state.lastFact), .optional(state.lastSet), .integer(state.revision))
        }
        if let filed = slice.completes { try connection.prepared("UPDATE progress SET filed = ?").run(.integer(filed)) }
    }
}

extension RecentFacts {
    /// Reads again what was not filed when the outbox was closed, or when its process died.
    init(readingFrom connection: SQLiteConnection, capacity: Int) throws(SQLiteError) {
        self.init(capacity: capacity)
        let filed = try connection.integer("SELECT filed FROM progress")
        try connection.prepared("SELECT id, sequence, user, members, revision FROM facts WHERE sequence > ? ORDER BY sequence").rows(
            .integer(filed)
        ) { (row) throws(SQLiteError) in
            guard let id = row.id(0) else { return true }
            let sequence = row.integer(1)
            add(id, at: sequence)
            guard let user = row.optionalText(2).flatMap(UserID.init) else { return true }
            let before = state(of: user)
            let state = User(
                lastFact: sequence,
                lastSet: row.isNull(3) ? before?.lastSet : sequence,
                revision: row.optionalInteger(4) ?? before?.revision ?? 0
            )
            setUnmerged(state, of: user)
            return true
        }
        commit()
    }

    static func filedState(of user: String, _ connection: SQLiteConnection) throws(SQLiteError) -> User? {
        try connection.prepared("SELECT last_fact, last_set, revision FROM users WHERE user = ?").first(.text(user)) {
            User(lastFact: $0.integer(0), lastSet: $0.optionalInteger(1), revision: $0.integer(2))
        }
    }
}
