import RelayCore

/// What is known of facts and users: the newest from memory, the others from the index.
extension OutboxWriter {
    enum Recognition {
        /// Under the id of the fact that it is a copy of. `resent` is what it would have been as a fact of its own, had the settings let it.
        case known(sequence: Int64, id: EventID, resent: Transition.Change?)
        /// With what is known of its user.
        case new(after: RecentFacts.User?, Turn)
    }

    /// Which of the facts with one name a fact is.
    struct Turn {
        /// Counted from 1.
        var number: Int64
        /// The one before.
        var before: Int64?

        static let first = Turn(number: 1)
    }

    func recognise(_ fact: Fact) throws(SQLiteError) -> Recognition {
        let before = try fact.user.flatMap { (user) throws(SQLiteError) in try state(of: user) }
        // Of a user that nobody knows no fact is known either: users are never forgotten.
        guard fact.user == nil || before != nil else { return .new(after: before, .first) }
        let first = try sequence(of: fact.id)
        if !fact.isDelivered {
            // However often the set came: what is known is known.
            if let known = try newestRepeat(of: fact.id)?.sequence ?? first { return .known(sequence: known, id: fact.id, resent: nil) }
            return try overtaking(fact, before) ?? .new(after: before, .first)
        }
        guard fact.canComeAgain else {
            return first.map { .known(sequence: $0, id: fact.id, resent: nil) } ?? .new(after: before, .first)
        }
        // The first one may be forgotten while a later one is not.
        guard let newest = try newestRepeat(of: fact.id) ?? first.map({ ($0, 1) }) else { return .new(after: before, .first) }
        var resent: Transition.Change?
        if try !isRetry(fact, of: newest.sequence) {
            let isNews: Bool
            if case .event(let event) = fact.content, case .userSync(let sync) = event.content {
                resent = try change(to: sync.connected, fact.particulars, from: before)
                isNews = resent != nil && limits.resent == .publish
            } else {
                isNews = true
            }
            if isNews { return .new(after: before, Turn(number: newest.number + 1, before: newest.sequence)) }
        }
        return .known(sequence: newest.sequence, id: fact.id(again: newest.number), resent: resent)
    }

    /// The user's last set, where it came after the look-up that `fact` was found against: Argyle's own word is the newer one.
    private func overtaking(_ fact: Fact, _ user: RecentFacts.User?) throws(SQLiteError) -> Recognition? {
        guard let found = fact.foundAfter, let user, user.revision != found else { return nil }
        let sequence = user.lastSet ?? user.lastFact
        return try id(of: sequence).map { .known(sequence: sequence, id: $0, resent: nil) }
    }

    private func newestRepeat(of id: EventID) throws(SQLiteError) -> (sequence: Int64, number: Int64)? {
        try connection.prepared("SELECT sequence, number FROM repeats WHERE id = ?").first(.id(id)) { ($0.integer(0), $0.integer(1)) }
    }

    /// Whether it comes within the window after the fact at `sequence`. For a set that is counted from its last copy; for an event without an
    /// identity of its own from the copy that became a fact: a sender that repeats itself for ever is heard once a window.
    ///
    /// Both clocks must say so. The machine's may be ahead, and the outbox's own lags behind after a pause that nobody measured: to publish a retry
    /// as news is a repeat, to take news for a retry is a loss.
    private func isRetry(_ fact: Fact, of sequence: Int64) throws(SQLiteError) -> Bool {
        let seen = try connection.prepared(
            "SELECT first_seen, coalesce(aged, first_seen), copied, copied_aged FROM facts WHERE sequence = ?"
        ).first(.integer(sequence)) { row in
            let isCopied = fact.hasIdentity && !row.isNull(2)
            return (row.timestamp(isCopied ? 2 : 0), row.timestamp(isCopied ? 3 : 1))
        }
        guard let (received, aged) = seen else { return false }
        return fact.receivedAt.elapsed(since: received) <= limits.repeatWindow
            && ageing.reading.elapsed(since: aged) <= limits.repeatWindow
    }

    /// What a set that is known says anew: nil where it is the user's current one and nothing besides has changed. Whether anything has is not
    /// known of facts from before particulars were kept; then it has not.
    private func change(
        to set: ConnectedSet,
        _ particulars: Particulars?,
        from user: RecentFacts.User?
    ) throws(SQLiteError) -> Transition.Change? {
        let current = try user?.lastSet.flatMap { (fact) throws(SQLiteError) in try connectedSet(of: fact) }
        guard let user, let fact = user.lastSet, current == set else {
            return Transition(from: user.map { (current, $0.revision) }, to: set).change
        }
        let known = try connection.prepared("SELECT particulars FROM facts WHERE sequence = ?").first(.integer(fact)) {
            $0.isNull(0) ? nil : $0.blob(0)
        }
        guard let known = known ?? nil, known != particulars?.bytes else { return nil }
        return .amended
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
