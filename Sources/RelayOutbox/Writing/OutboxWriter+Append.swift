import RelayCore
import RelayMetrics

/// Recognising facts and storing them.
extension OutboxWriter {
    struct Committed {
        var results: [Result<Receipt, OutboxError>] = []
        var entries: [OutboxEntry] = []
        /// Known sets that came again with something new.
        var resent = 0
    }

    /// Runs one transaction; when it returns, all of it is on disk.
    func commit(_ facts: [Fact], _ settlements: [Settlement]) throws(SQLiteError) -> Committed {
        var done = Committed()
        var counts = counts
        let refusal = admission.refusal
        var room = max(0, limits.maxPending - counts.pending)
        do throws(SQLiteError) {
            try connection.transaction { () throws(SQLiteError) in
                for settlement in settlements { try apply(settlement, to: &counts) }
                for fact in facts {
                    switch try recognise(fact) {
                    case .known(let sequence, let id, let resent):
                        if refusal == nil, fact.isDelivered { try recordCopy(fact, sequence, resent) }
                        if refusal == nil, resent != nil { done.resent += 1 }
                        done.results.append(.success(.known(fact, as: id)))
                    case .new(let before, let turn):
                        if let refusal = refusal ?? (room == 0 ? .full : nil) {
                            done.results.append(.failure(refusal))
                        } else if let (receipt, entry) = try insert(fact, turn, after: before, as: Int64(counts.accepted + 1)) {
                            room -= 1
                            counts.pending += 1
                            counts.accepted += 1
                            if turn.number > 1, fact.hasIdentity { done.resent += 1 }
                            done.results.append(.success(receipt))
                            done.entries.append(entry)
                        } else {
                            done.results.append(.failure(.unroutable))
                        }
                    }
                }
                if !done.entries.isEmpty {
                    try connection.prepared("UPDATE progress SET accepted = ?").run(.integer(Int64(counts.accepted)))
                }
                try fileRecentFacts(max(recent.share, 2 * done.entries.count))
            }
        } catch {
            recent.rollBack()
            throw error
        }
        self.counts = counts
        meters.resent.add(done.resent)
        recent.commit()
        if recent.count >= recent.capacity { recent.beginFiling(upTo: Int64(counts.accepted)) }
        admission.pendingChanged(to: counts.pending)
        return done
    }

    /// Nil when no topic can be named for it.
    private func insert(
        _ fact: Fact,
        _ turn: Turn,
        after before: RecentFacts.User?,
        as sequence: Int64
    ) throws(SQLiteError) -> (Receipt, OutboxEntry)? {
        switch fact.content {
        case .event(let event):
            let stored = try insert(event, fact.particulars, id: fact.id(again: turn.number), after: before, as: sequence)
            // One that no topic can be named for is turned away, and its number with it.
            if stored != nil { try record(turn, of: fact.id, at: sequence) }
            return stored
        case .unreadable(let unreadable, let delivery): return try insert(unreadable, delivery, id: fact.id, as: sequence)
        }
    }

    private func insert(
        _ event: ArgyleEvent,
        _ particulars: Particulars?,
        id: EventID,
        after before: RecentFacts.User?,
        as sequence: Int64
    ) throws(SQLiteError) -> (Receipt, OutboxEntry)? {
        guard let topic = topic(for: event.name) else { return nil }
        let user = event.user
        var transition: Transition?
        var connected: ConnectedSet?
        if case .userSync(let sync) = event.content {
            let set = try before?.lastSet.flatMap { (fact) throws(SQLiteError) in try connectedSet(of: fact) }
            connected = sync.connected
            transition = Transition(from: before.map { (set, $0.revision) }, to: sync.connected)
        }
        let envelope = Envelope(
            id: id,
            source: settings.source,
            event: event.name,
            user: user,
            time: event.receivedAt,
            subscription: event.subscription,
            origin: event.origin,
            // Of what nobody delivered there is nothing raw.
            data: EnvelopeData.make(of: event, transition: transition, includesRaw: settings.includesRaw && event.origin == nil)
        )
        try insertEntry(
            sequence,
            fact: id,
            topic: topic,
            envelope.user,
            event: envelope.event,
            envelope.subscription,
            origin: envelope.origin,
            received: event.receivedAt,
            body: envelope.data
        )
        try connection.prepared(
            """
            INSERT INTO facts (sequence, id, event, user, previous, kind, members, change, revision, secret, first_seen, aged, particulars)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(
            .integer(sequence),
            .id(id),
            .text(event.name.text),
            .optional(user?.text),
            .optional(before?.lastFact),
            .optional(connected?.kind.rawValue),
            .optional(connected?.joined),
            .optional(transition?.change.rawValue),
            .optional(transition?.revision),
            .optional(event.secret.map(Int64.init)),
            .integer(event.receivedAt.milliseconds),
            .integer(ageing.reading.milliseconds),
            particulars.map { .blob($0.bytes) } ?? .null
        )
        recent.add(id, at: sequence)
        if let user {
            let state = RecentFacts.User(
                lastFact: sequence,
                lastSet: connected == nil ? before?.lastSet : sequence,
                revision: transition?.revision ?? before?.revision ?? 0
            )
            recent.set(state, of: user)
        }
        let entry = OutboxEntry(sequence: sequence, id: id, topic: topic, content: .event(envelope))
        return (.accepted(id, transition), entry)
    }

    private func topic(for event: EventName) -> TopicName? {
        if let lastRoute, lastRoute.event == event { return lastRoute.topic }
        let topic = settings.routing.topic(for: event)
        if let topic { lastRoute = (event, topic) }
        return topic
    }

    private func insert(
        _ unreadable: Unreadable,
        _ delivery: VerifiedDelivery,
        id: EventID,
        as sequence: Int64
    ) throws(SQLiteError) -> (Receipt, OutboxEntry) {
        let topic = settings.routing.deadLetters
        let letter = DeadLetter(
            code: unreadable.code.rawValue,
            detail: unreadable.detail,
            receivedAt: delivery.receivedAt,
            body: delivery.body
        )
        try insertEntry(
            sequence,
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
        try connection.prepared("INSERT INTO facts (sequence, id, secret, first_seen, aged) VALUES (?, ?, ?, ?, ?)").run(
            .integer(sequence),
            .id(id),
            .optional(delivery.secret.map(Int64.init)),
            .integer(delivery.receivedAt.milliseconds),
            .integer(ageing.reading.milliseconds)
        )
        recent.add(id, at: sequence)
        let entry = OutboxEntry(sequence: sequence, id: id, topic: topic, content: .deadLetter(letter))
        return (.quarantined(id, code: unreadable.code), entry)
    }

    private func insertEntry(
        _ sequence: Int64,
        fact: EventID,
        topic: TopicName,
        _ user: UserID?,
        event: EventName?,
        _ subscription: String?,
        origin: String? = nil,
        received: Timestamp,
        code: String? = nil,
        detail: String? = nil,
        body: [UInt8]
    ) throws(SQLiteError) {
        try connection.prepared(
            """
            INSERT INTO entries (sequence, fact, topic, user, event, subscription, source, received, code, detail, body, origin)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(
            .integer(sequence),
            .id(fact),
            .text(topic.text),
            .optional(user?.text),
            .optional(event?.text),
            .optional(subscription),
            .text(settings.source),
            .integer(received.milliseconds),
            .optional(code),
            .optional(detail),
            .blob(body),
            .optional(origin)
        )
        try connection.prepared("INSERT INTO pending (topic, sequence) VALUES (?, ?)").run(.text(topic.text), .integer(sequence))
    }
}

extension Receipt {
    /// The answer to a fact that is stored already.
    static func known(_ fact: Fact, as id: EventID) -> Receipt {
        if case .unreadable(let unreadable, _) = fact.content { return .quarantined(id, code: unreadable.code) }
        return .duplicate(id)
    }
}

extension Fact {
    /// Whom it is about, where it says so.
    var user: UserID? { if case .event(let event) = content { event.user } else { nil } }
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
