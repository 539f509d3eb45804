package import RelayCore

/// What Argyle's accounts of one user say of what the relay has received: pure, so that listing and repairing cannot differ.
package enum ReconcilePlan: Sendable, Equatable {
    /// Every account that Argyle has retrieved is in the last known set.
    case complete
    /// Something was never received.
    case missed(MissedSet)
    /// There was a set, and retention has taken it: nobody can tell.
    case forgotten

    /// What is known of the user.
    package enum Known: Sendable, Equatable {
        case nothing
        case forgotten
        case last(ConnectedSet)
    }

    /// - Parameter accounts: all that Argyle has of the user, or some: then `complete` means of these.
    package init(accounts: [ArgyleAccount], known: Known, at now: Timestamp) {
        let last: ConnectedSet? = if case .last(let set) = known { set } else { nil }
        let reported = Set(last?.members ?? [])
        let isReported = { (account: ArgyleAccount) in
            switch last?.kind {
            case .accounts: reported.contains(account.id.text)
            case .items: account.item.map(reported.contains) ?? false
            case nil: false
            }
        }
        let new = accounts.filter { !isReported($0) && $0.standing(at: now) == .candidate }
        if new.isEmpty {
            self = .complete
        } else if known == .forgotten {
            self = .forgotten
        } else {
            // What was reported once counts whatever a refresh shows.
            let added = Set(new.map(\.id))
            self = .missed(MissedSet(accounts.filter { added.contains($0.id) || isReported($0) }, added: new))
        }
    }
}

/// A user's accounts that were never received together.
package struct MissedSet: Sendable, Equatable {
    /// What the fact is about.
    package let accounts: ConnectedSet
    /// Those that are not in the last known set.
    package let added: ConnectedSet
    /// Of all these accounts, in Argyle's order, each once.
    package let items: [String]
    package let employers: [String]

    fileprivate init(_ accounts: [ArgyleAccount], added: [ArgyleAccount]) {
        self.accounts = ConnectedSet(accounts: accounts.map(\.id))
        self.added = ConnectedSet(accounts: added.map(\.id))
        items = Self.each(accounts.compactMap(\.item))
        employers = Self.each(accounts.flatMap(\.employers))
    }

    private static func each(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
