/// How a user's set differs from the one the relay knew before.
package struct Transition: Equatable, Sendable {
    package enum Change: String, Sendable {
        case initial
        case grown
        case shrunk
        case replaced
        /// The same set, of which Argyle says something else than before.
        case amended
    }

    package let change: Change
    /// Counts the user's facts, from 1.
    package let revision: Int64
    package let accountsAdded: [String]
    package let accountsRemoved: [String]

    /// - Parameter previous: the user's last known set and its revision; a nil set is one that was forgotten.
    package init(from previous: (set: ConnectedSet?, revision: Int64)?, to current: ConnectedSet) {
        revision = (previous?.revision ?? 0) + 1
        let before = previous?.set
        accountsAdded = current.kind == .accounts ? current.subtracting(before.accounts) : []
        accountsRemoved = before.accounts.subtracting(current.kind == .accounts ? current : before.accounts)
        guard let before else {
            change = .initial
            return
        }
        guard before != current else {
            change = .amended
            return
        }
        guard before.kind == current.kind else {
            change = .replaced
            return
        }
        let lostNone = before.subtracting(current).isEmpty
        let gainedNone = current.subtracting(before).isEmpty
        change = lostNone ? .grown : gainedNone ? .shrunk : .replaced
    }
}

extension ConnectedSet? {
    /// The accounts of the set, none if it is one of items or unknown.
    fileprivate var accounts: ConnectedSet {
        if let set = self, set.kind == .accounts { return set }
        return ConnectedSet(accounts: [])
    }
}
