package import RelayCore

/// What `reconcile` asks of the store and gives to it.
extension SQLiteOutbox {
    /// Users of one visit: no append waits for more.
    private static var usersPerVisit: Int { 20 }
    /// Bytes of sets in one answer.
    private static var bytesPerAnswer: Int { 4 << 20 }

    /// What is known of `users`, in their order. Ends early where their sets are too much for one answer, never before the first.
    package func known(of users: [UserID]) async throws(OutboxError) -> [KnownUser] {
        var known: [KnownUser] = []
        var bytes = 0
        while known.count < users.count, bytes < Self.bytesPerAnswer {
            let few = users[known.count...].prefix(Self.usersPerVisit)
            let found = try await visit { writer throws(SQLiteError) in
                var found: [KnownUser] = []
                for user in few { found.append(try writer.known(of: user)) }
                return found
            }
            bytes += found.reduce(0) { $0 + ($1.accounts ?? $1.items ?? []).reduce(0) { $0 + $1.utf8.count } }
            known += found
        }
        return known
    }

    /// What taking in `facts` would come to, in their order; nothing is done.
    package func rehearse(_ facts: [Fact]) async throws(OutboxError) -> [FoundFactOutcome] {
        var outcomes: [FoundFactOutcome] = []
        while outcomes.count < facts.count {
            let few = facts[outcomes.count...].prefix(Self.usersPerVisit)
            outcomes += try await visit { writer throws(SQLiteError) in
                var outcomes: [FoundFactOutcome] = []
                for fact in few {
                    switch try writer.recognise(fact) {
                    case .new: outcomes.append(FoundFactOutcome(id: fact.id, outcome: .missed))
                    case .known(_, let id, _): outcomes.append(FoundFactOutcome(fact, knownAs: id))
                    }
                }
                return outcomes
            }
        }
        return outcomes
    }

    /// Takes in `facts` that were found at Argyle's API, each as a delivery would be; the answers are in their order. When it throws, some may be
    /// taken in.
    package func takeIn(_ facts: [Fact]) async throws(OutboxError) -> [FoundFactOutcome] {
        let answers = await withTaskGroup(of: (Int, Result<Receipt, OutboxError>).self) { group in
            // All at once, so that they share commits.
            for (position, fact) in facts.enumerated() {
                group.addTask {
                    do throws(OutboxError) { return (position, .success(try await self.append(fact))) } catch {
                        return (position, .failure(error))
                    }
                }
            }
            var answers: [Int: Result<Receipt, OutboxError>] = [:]
            for await (position, answer) in group { answers[position] = answer }
            return answers
        }
        var outcomes: [FoundFactOutcome] = []
        for (position, fact) in facts.enumerated() {
            switch try answers[position]?.get() {
            case .accepted(let id, let transition):
                outcomes.append(
                    FoundFactOutcome(id: id, outcome: .accepted, change: transition?.change.rawValue, revision: transition?.revision)
                )
            case .duplicate(let id), .quarantined(let id, _): outcomes.append(FoundFactOutcome(fact, knownAs: id))
            case nil: throw .closed
            }
        }
        return outcomes
    }
}

extension FoundFactOutcome {
    fileprivate init(_ fact: Fact, knownAs id: EventID) { self.init(id: id, outcome: id == fact.id ? .known : .overtaken) }
}

extension OutboxWriter {
    fileprivate func known(of user: UserID) throws(SQLiteError) -> KnownUser {
        let state = try state(of: user)
        let set = try state?.lastSet.flatMap { (fact) throws(SQLiteError) in try connectedSet(of: fact) }
        return KnownUser(user: user, revision: state?.revision ?? 0, set: set)
    }
}
