import RelayCore
import RelayMetrics

/// Recognising facts and storing them.
extension OutboxWriter {
    struct Committed {
        var results: [Result<Receipt, OutboxError>] = []
        var entries: [OutboxEntry] = []
    }

    /// Runs one transaction; when it returns, all of it is on disk.
    func commit(_ facts: [Fact], _ settlements: [Settlement]) throws(SQLiteError) -> Committed {
        var done = Committed()
        var counts = counts
        let refusal = admission.refusal
        var room = max(0, limits.maxPending - counts.pending)
        try connection.transaction { () throws(SQLiteError) in
            for settlement in settlements { try apply(settlement, to: &counts) }
            for fact in facts {
                if let known = try receipt(ofKnown: fact) {
                    if refusal == nil { try recordSuppressed(fact) }
                    done.results.append(.success(known))
                } else if let refusal = refusal ?? (room == 0 ? .full : nil) {
                    done.results.append(.failure(refusal))
                } else if let (receipt, entry) = try insert(fact) {
                    room -= 1
                    counts.pending += 1
                    counts.accepted += 1
                    done.results.append(.success(receipt))
                    done.entries.append(entry)
                } else {
                    done.results.append(.failure(.unroutable))
                }
            }
        }
        self.counts = counts
        admission.pendingChanged(to: counts.pending)
        return done
    }

    /// The answer to a fact that is stored already, nil for a new one.
    func receipt(ofKnown fact: Fact) throws(SQLiteError) -> Receipt? {
        let known = try connection.statement("SELECT 1 FROM facts WHERE id = ?").first(.blob(fact.id.bytes)) { _ in true }
        guard known != nil else { return nil }
        if case .unreadable(let unreadable, _) = fact.content { return .quarantined(fact.id, code: unreadable.code) }
        return .duplicate(fact.id)
    }

    /// Remembers when copies came while the entry is kept, of one fact at most ``maximumSuppressed``: a sender in a loop must not
    /// fill the disk.
    private func recordSuppressed(_ fact: Fact) throws(SQLiteError) {
        try connection.statement("UPDATE facts SET duplicates = duplicates + 1 WHERE id = ?").run(.blob(fact.id.bytes))
        try connection.statement(
            """
            INSERT INTO suppressed (fact, received, secret) SELECT id, ?, ? FROM facts
            WHERE id = ? AND duplicates <= ? AND EXISTS (SELECT 1 FROM entries WHERE entries.sequence = facts.sequence)
            """
        ).run(
            .integer(fact.receivedAt.milliseconds),
            .optional(fact.secret.map(Int64.init)),
            .blob(fact.id.bytes),
            .integer(Self.maximumSuppressed)
        )
    }

    private static var maximumSuppressed: Int64 { 100 }

    /// Nil when no topic can be named for it.
    private func insert(_ fact: Fact) throws(SQLiteError) -> (Receipt, OutboxEntry)? {
        switch fact.content {
        case .event(let event): try insert(event, id: fact.id)
        case .unreadable(let unreadable, let delivery): try insert(unreadable, delivery, id: fact.id)
        }
    }

    private func insert(_ event: ArgyleEvent, id: EventID) throws(SQLiteError) -> (Receipt, OutboxEntry)? {
        guard let topic = settings.routing.topic(for: event.name) else { return nil }
        let user = event.user
        let before = try user.flatMap { (user) throws(SQLiteError) in try known(user) }
        var transition: Transition?
        var connected: ConnectedSet?
        if case .userSync(let sync) = event.content {
            connected = sync.connected
            transition = Transition(from: before.map { ($0.set, $0.revision) }, to: sync.connected)
        }
        let envelope = Envelope(
            id: id,
            source: settings.source,
            event: event.name,
            user: user,
            time: event.receivedAt,
            subscription: event.subscription,
            data: EnvelopeData.make(of: event, transition: transition, includesRaw: settings.includesRaw)
        )
        let sequence = try insertEntry(
            fact: id,
            topic: topic,
            envelope.user,
            event: envelope.event,
            envelope.subscription,
            received: event.receivedAt,
            body: envelope.data
        )
        try connection.statement(
            """
            INSERT INTO facts (id, event, user, previous, sequence, kind, members, change, revision, secret, first_seen)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(
            .blob(id.bytes),
            .text(event.name.text),
            .optional(user?.text),
            .optional(before?.lastFact),
            .integer(sequence),
            .optional(connected?.kind.rawValue),
            .optional(connected?.joined),
            .optional(transition?.change.rawValue),
            .optional(transition?.revision),
            .optional(event.secret.map(Int64.init)),
            .integer(event.receivedAt.milliseconds)
        )
        if let user {
            let last = connected ?? before?.set
            try connection.statement(
                """
                INSERT INTO users (user, kind, members, revision, last_fact) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (user) DO UPDATE SET kind = ?2, members = ?3, revision = ?4, last_fact = ?5
                """
            ).run(
                .text(user.text),
                .optional(last?.kind.rawValue),
                .optional(last?.joined),
                .integer(transition?.revision ?? before?.revision ?? 0),
                .blob(id.bytes)
            )
        }
        let entry = OutboxEntry(sequence: sequence, id: id, topic: topic, content: .event(envelope))
        return (.accepted(id, transition), entry)
    }

    private func insert(
        _ unreadable: Unreadable,
        _ delivery: VerifiedDelivery,
        id: EventID
    ) throws(SQLiteError) -> (Receipt, OutboxEntry) {
        let topic = settings.routing.deadLetters
        let letter = DeadLetter(
            code: unreadable.code.rawValue,
            detail: unreadable.detail,
            receivedAt: delivery.receivedAt,
            body: delivery.body
        )
        let sequence = try insertEntry(
            fact: id,
            topic: topic,
            nil,
            event: nil,
            nil,
            received: delivery.receivedAt,
            code: letter.code,
            detail: letter.detail,
            body: letter.body
        )
        try connection.statement("INSERT INTO facts (id, sequence, secret, first_seen) VALUES (?, ?, ?, ?)").run(
            .blob(id.bytes),
            .integer(sequence),
            .optional(delivery.secret.map(Int64.init)),
            .integer(delivery.receivedAt.milliseconds)
        )
        let entry = OutboxEntry(sequence: sequence, id: id, topic: topic, content: .deadLetter(letter))
        return (.quarantined(id, code: unreadable.code), entry)
    }

    private func insertEntry(
        fact: EventID,
        topic: TopicName,
        _ user: UserID?,
        event: EventName?,
        _ subscription: String?,
        received: Timestamp,
        code: String? = nil,
        detail: String? = nil,
        body: [UInt8]
    ) throws(SQLiteError) -> Int64 {
        try connection.statement(
            """
            INSERT INTO entries (fact, topic, user, event, subscription, source, received, code, detail, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(
            .blob(fact.bytes),
            .text(topic.text),
            .optional(user?.text),
            .optional(event?.text),
            .optional(subscription),
            .text(settings.source),
            .integer(received.milliseconds),
            .optional(code),
            .optional(detail),
            .blob(body)
        )
        return connection.lastInsertedRow
    }

    private struct KnownUser {
        let set: ConnectedSet?
        let revision: Int64
        let lastFact: [UInt8]
    }

    private func known(_ user: UserID) throws(SQLiteError) -> KnownUser? {
        try connection.statement("SELECT kind, members, revision, last_fact FROM users WHERE user = ?").first(.text(user.text)) { row in
            let kind = row.optionalInteger(0).flatMap(ConnectedSet.Kind.init)
            return KnownUser(
                set: kind.flatMap { kind in row.optionalText(1).map { ConnectedSet(kind: kind, joined: $0) } },
                revision: row.integer(2),
                lastFact: row.blob(3)
            )
        }
    }
}

extension ArgyleEvent {
    /// Whom the event is about, where it says so.
    var user: UserID? {
        switch content {
        case .userSync(let sync): sync.user
        case .accountSync(let sync): sync.user
        case .other(let content): content.user
        }
    }
}
