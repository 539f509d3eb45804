package import RelayCore
package import RelayOutbox

/// `POST reconcile/users`
package struct KnownUsersBody: Codable {
    package var users: [UserID]

    package init(users: [UserID]) { self.users = users }

    private enum CodingKeys: CodingKey { case users }

    package init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, allowed: ["users"])
        users = try decoder.container(keyedBy: CodingKeys.self).decode([UserID].self, forKey: .users)
        guard (1...FoundFacts.mostUsers).contains(users.count) else {
            let words = "1 to \(FoundFacts.mostUsers) users' ids"
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [CodingKeys.users], debugDescription: words))
        }
    }
}

/// What `POST reconcile/users` answers.
package struct KnownUsers: Codable, Sendable {
    /// In the order of the question, and fewer where that is much: the others are to be asked for again.
    package var users: [KnownUser]
}

/// `POST reconcile/facts`: facts that were found at Argyle's API.
package struct FoundFacts: Codable, Sendable {
    /// Of one question; each may have an id of 128 bytes.
    package static let mostUsers = 400
    /// Of one request.
    package static let mostFacts = 50
    /// Of one request, in bytes.
    package static let largestBody = 4 << 20

    package var facts: [FoundFact]
    /// Only tells what would come of it.
    package var dryRun: Bool

    package init(facts: [FoundFact], dryRun: Bool) {
        self.facts = facts
        self.dryRun = dryRun
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case facts, dryRun }

    package init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, allowed: CodingKeys.allCases.map(\.rawValue))
        let members = try decoder.container(keyedBy: CodingKeys.self)
        facts = try members.decode([Member].self, forKey: .facts).map(\.fact)
        dryRun = try members.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
        guard (1...Self.mostFacts).contains(facts.count) else {
            let words = "1 to \(Self.mostFacts) facts"
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [CodingKeys.facts], debugDescription: words))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(facts.map(Member.init), forKey: .facts)
        try members.encode(dryRun, forKey: .dryRun)
    }

    /// Refuses what is no `users.fully_synced` with accounts; says which one, and why.
    func read(receivedAt: Timestamp) throws(OperationFault) -> [Fact] {
        var read: [Fact] = []
        for (position, fact) in facts.enumerated() {
            do throws(Unreadable) {
                read.append(try Fact(reconciling: fact.body, after: fact.revision, receivedAt: receivedAt))
            } catch {
                throw .invalid("facts.\(position).body: \(error.detail)")
            }
        }
        return read
    }

    /// The body as a string, which keeps every byte of it.
    private struct Member: Codable {
        let fact: FoundFact

        init(_ fact: FoundFact) { self.fact = fact }

        private enum CodingKeys: String, CodingKey, CaseIterable { case revision, body }

        init(from decoder: any Decoder) throws {
            try KnownKeys.check(decoder, allowed: CodingKeys.allCases.map(\.rawValue))
            let members = try decoder.container(keyedBy: CodingKeys.self)
            let revision = try members.decode(Int64.self, forKey: .revision)
            guard revision >= 0 else {
                let path = members.codingPath + [CodingKeys.revision]
                throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: "a whole number from 0"))
            }
            fact = FoundFact(revision: revision, body: Array(try members.decode(String.self, forKey: .body).utf8))
        }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(fact.revision, forKey: .revision)
            try members.encode(String(decoding: fact.body, as: UTF8.self), forKey: .body)
        }
    }
}

/// What `POST reconcile/facts` answers, in the order of the request.
package struct FoundFactOutcomes: Codable, Sendable {
    package var facts: [FoundFactOutcome]
}
