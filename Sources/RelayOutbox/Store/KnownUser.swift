package import RelayCore

/// What a store knows of the accounts that a user has connected.
package struct KnownUser: Codable, Equatable, Sendable {
    package var user: UserID
    /// How many sets there were: 0 of a user without one.
    package var revision: Int64
    /// The last set, of accounts; nil where there was none, where it is one of items, or where it is forgotten.
    package var accounts: [String]?
    /// The last set, from bodies that know no accounts.
    package var items: [String]?

    package init(user: UserID, revision: Int64, set: ConnectedSet?) {
        self.user = user
        self.revision = revision
        accounts = set.flatMap { $0.kind == .accounts ? $0.members : nil }
        items = set.flatMap { $0.kind == .items ? $0.members : nil }
    }

    /// The last set; nil where there was none, or it is forgotten.
    package var set: ConnectedSet? {
        if let accounts { return ConnectedSet(kind: .accounts, joined: accounts.joined(separator: ",")) }
        return items.map { ConnectedSet(kind: .items, joined: $0.joined(separator: ",")) }
    }

    /// Whether there was a set that retention has taken.
    package var isForgotten: Bool { revision > 0 && accounts == nil && items == nil }
}

/// A fact that was found at Argyle's API, on its way to a store.
package struct FoundFact: Equatable, Sendable {
    /// The user's revision, as of the look-up.
    package var revision: Int64
    /// As of ``ReconciledBody``.
    package var body: [UInt8]

    package init(revision: Int64, body: [UInt8]) {
        self.revision = revision
        self.body = body
    }
}

/// What a store says to a fact that was found at Argyle's API.
package struct FoundFactOutcome: Codable, Equatable, Sendable {
    package enum Outcome: String, Codable, Sendable {
        /// Never received; only told, nothing was done.
        case missed
        /// Taken in.
        case accepted
        /// Received before.
        case known
        /// A delivery about the user came after the look-up.
        case overtaken
    }

    package var id: EventID
    package var outcome: Outcome
    /// Of a fact that was taken in.
    package var change: String?
    package var revision: Int64?

    package init(id: EventID, outcome: Outcome, change: String? = nil, revision: Int64? = nil) {
        self.id = id
        self.outcome = outcome
        self.change = change
        self.revision = revision
    }
}
