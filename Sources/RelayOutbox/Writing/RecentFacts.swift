import RelayCore

/// Facts that the index does not know yet, and their users.
///
/// Ids come in no order: filing each as it comes would write a page of the index for every fact. The newest facts gather here, and
/// once there are enough they are filed in the order of their ids, a slice with each transaction, many to a page. They are durable all
/// the same: their rows in `facts` are, from which a start reads them again.
struct RecentFacts {
    /// What is known of a user; all are sequences of facts but the last.
    struct User: Equatable {
        var lastFact: Int64
        /// The fact that the user's set comes from; none yet, or long forgotten.
        var lastSet: Int64?
        /// How many sets there were.
        var revision: Int64

        /// As of this state, which is newer than the one that is filed; in the index's words, ``OutboxWriter/fileRecentFacts(_:)``.
        func merged(with filed: User) -> User {
            User(lastFact: lastFact, lastSet: lastSet ?? filed.lastSet, revision: max(revision, filed.revision))
        }
    }

    /// What one transaction files.
    struct Slice {
        var facts: [(id: EventID, sequence: Int64)] = []
        var users: [(user: UserID, state: User)] = []
        /// With this slice all facts up to here are filed.
        var completes: Int64?
    }

    private struct Filing {
        var facts: ArraySlice<(id: EventID, sequence: Int64)>
        var users: ArraySlice<UserID>
        let upTo: Int64
    }

    /// So many gather before filing begins; half as many again may come while it goes on.
    let capacity: Int
    /// What a transaction files at least, once filing goes on.
    var share: Int { max(1, capacity / 64) }
    private var facts: [EventID: Int64] = [:]
    private var users: [UserID: User] = [:]
    /// Of whom the index may know more than ``users`` does: see ``merge(_:of:)``.
    private var unmerged: Set<UserID> = []
    /// What the open transaction has changed, to be undone with it.
    private var added: [EventID] = []
    private var changed: [(user: UserID, before: User?)] = []
    private var filing: Filing?
    private var slice: Slice?

    init(capacity: Int) { self.capacity = capacity }

    var isEmpty: Bool { facts.isEmpty && users.isEmpty }
    var count: Int { facts.count }

    func sequence(of fact: EventID) -> Int64? { facts[fact] }
    func state(of user: UserID) -> User? { users[user] }
    func isUnmerged(_ user: UserID) -> Bool { unmerged.contains(user) }

    /// Leaves open what the index knows of the user; a start that asked it for everyone would read its pages one by one.
    mutating func setUnmerged(_ state: User, of user: UserID) {
        users[user] = state
        if state.lastSet == nil { unmerged.insert(user) } else { unmerged.remove(user) }
    }

    /// Completes what is known of the user by what the index knows.
    mutating func merge(_ filed: User?, of user: UserID) {
        guard unmerged.remove(user) != nil, let state = users[user], let filed else { return }
        users[user] = state.merged(with: filed)
    }

    /// Stays only if the transaction does.
    mutating func add(_ fact: EventID, at sequence: Int64) {
        facts[fact] = sequence
        added.append(fact)
    }

    /// Stays only if the transaction does.
    mutating func set(_ state: User, of user: UserID) {
        changed.append((user, users.updateValue(state, forKey: user)))
    }

    /// Begins to file all that is here, unless that is going on already.
    /// - Parameter upTo: the newest fact's sequence.
    mutating func beginFiling(upTo: Int64) {
        guard filing == nil, !isEmpty else { return }
        filing = Filing(
            facts: facts.map { (id: $0.key, sequence: $0.value) }.sorted { $0.id < $1.id }[...],
            users: users.keys.sorted { $0.text < $1.text }[...],
            upTo: upTo
        )
    }

    /// What this transaction is to file, with what it changes itself; nil while nothing is being filed.
    mutating func takeSlice(_ count: Int) -> Slice? {
        guard let filing else { return nil }
        let slice = Slice(
            facts: Array(filing.facts.prefix(count)),
            users: filing.users.prefix(count).compactMap { user in state(of: user).map { (user, $0) } },
            completes: filing.facts.count <= count && filing.users.count <= count ? filing.upTo : nil
        )
        self.slice = slice
        return slice
    }

    /// The transaction is on disk.
    mutating func commit() {
        if let slice {
            for (id, _) in slice.facts { facts[id] = nil }
            for (user, _) in slice.users {
                users[user] = nil
                unmerged.remove(user)
            }
            filing?.facts.removeFirst(slice.facts.count)
            filing?.users.removeFirst(slice.users.count)
            if slice.completes != nil { filing = nil }
        }
        forgetTransaction()
    }

    /// Nothing of the transaction stays.
    mutating func rollBack() {
        for id in added { facts[id] = nil }
        for (user, before) in changed.reversed() { users[user] = before }
        forgetTransaction()
    }

    private mutating func forgetTransaction() {
        added.removeAll(keepingCapacity: added.capacity < 1024)
        changed.removeAll(keepingCapacity: changed.capacity < 1024)
        slice = nil
    }
}
