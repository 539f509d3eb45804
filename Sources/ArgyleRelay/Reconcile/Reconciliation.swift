import ArgyleAPI
import RelayAdmin
import RelayCore
import RelayOutbox

/// The way from Argyle's accounts to the facts that never arrived: look at all of them, ask again about the users that seem incomplete, have the
/// store decide.
///
/// It keeps nothing but the ids of those users in memory, and nothing at all on disk: what was taken in is known to the store, so that whoever begins
/// again after an interruption finds the rest.
struct Reconciliation {
    /// Asked about again, and given to the store, together: what an interruption may have to ask once more.
    private static let usersTogether = 25
    /// Bytes of bodies that go to the store together; escaped as a JSON string they stay below ``FoundFacts/largestBody``.
    private static let bytesTogether = 1 << 20

    let reader: AccountReader
    let operations: any OutboxOperations
    let time: TimeSource
    /// Whether what was missed is taken in.
    let applies: Bool
    /// Whether a user whose set retention has taken counts as one without.
    var ignoresForgotten = false

    /// How far the reading is.
    struct Progress {
        var accounts = 0
        var pages = 0
    }

    /// What came of a user.
    struct Finding: Sendable {
        let user: UserID
        /// Nil where retention has taken the user's set.
        let missed: (set: MissedSet, outcome: FoundFactOutcome)?
    }

    /// What reading all accounts leaves to do, in the order in which Argyle lists them.
    struct Suspicion: Sendable {
        /// Users of whom Argyle shows an account that the relay does not know.
        var suspects: [UserID] = []
        /// Users of whom nobody can tell.
        var forgotten: [UserID] = []
    }

    func suspicion(_ progress: (Progress) -> Void) async throws -> Suspicion {
        var suspicion = Suspicion()
        var seen: Set<UserID> = []
        var done = Progress()
        var pages = try reader.pages()
        while let page = try await pages.next() {
            let now = time.now()
            let users = Dictionary(grouping: page) { $0.user }
                .filter { user, accounts in !seen.contains(user) && accounts.contains { $0.standing(at: now) == .candidate } }
            for known in try await known(of: users.keys.sorted { $0.text < $1.text }) {
                switch ReconcilePlan(accounts: users[known.user] ?? [], known: self.known(known), at: now) {
                case .complete: continue
                case .missed: suspicion.suspects.append(known.user)
                case .forgotten: suspicion.forgotten.append(known.user)
                }
                seen.insert(known.user)
            }
            done.accounts += page.count
            done.pages += 1
            progress(done)
        }
        return suspicion
    }

    /// Asks about `suspects` again and has the store decide; what was missed is handed over once it has. Users about whom a delivery came meanwhile
    /// are asked about once more.
    func settle(_ suspects: [UserID], progress: (Int) -> Void, found: (Finding) throws -> Void) async throws {
        var overtaken: [UserID] = []
        try await settleOnce(suspects, progress: progress) { finding in
            if finding.missed?.outcome.outcome == .overtaken { overtaken.append(finding.user) } else { try found(finding) }
        }
        if !overtaken.isEmpty { try await settleOnce(overtaken, progress: { _ in }, found: found) }
    }

    private func settleOnce(_ suspects: [UserID], progress: (Int) -> Void, found: (Finding) throws -> Void) async throws {
        var rest = suspects[...]
        while !rest.isEmpty {
            let few = Array(rest.prefix(Self.usersTogether))
            rest = rest.dropFirst(few.count)
            var accounts: [UserID: [ArgyleAccount]] = [:]
            for (position, user) in few.enumerated() {
                accounts[user] = try await reader.accounts(of: user)
                progress(suspects.count - rest.count - few.count + position)
            }
            var missed: [(user: UserID, set: MissedSet, fact: FoundFact)] = []
            // Looked up after Argyle was asked: whatever is delivered from here on is newer, and the store prefers it.
            for known in try await known(of: few) {
                switch ReconcilePlan(accounts: accounts[known.user] ?? [], known: self.known(known), at: time.now()) {
                case .complete: break
                case .forgotten: try found(Finding(user: known.user, missed: nil))
                case .missed(let set):
                    missed.append((known.user, set, FoundFact(revision: known.revision, body: try await body(known.user, set))))
                }
            }
            for batch in Self.batches(missed) {
                let outcomes = try await operations.takeIn(FoundFacts(facts: batch.map(\.fact), dryRun: !applies))
                guard outcomes.count == batch.count else { throw OperationFault.unexpected("the relay does not answer for every fact") }
                for (one, outcome) in zip(batch, outcomes) { try found(Finding(user: one.user, missed: (one.set, outcome))) }
            }
            progress(suspects.count - rest.count)
        }
    }

    private func body(_ user: UserID, _ set: MissedSet) async throws -> [UInt8] {
        // Only what is taken in has to carry what Argyle knows of the user.
        let profile = applies ? try await reader.profile(of: user) : nil
        do throws(Unreadable) {
            return try ReconciledBody.make(
                user: user,
                accounts: set.accounts,
                items: set.items,
                employers: set.employers,
                profile: profile
            )
        } catch {
            throw ArgyleError.unexpected("what came from /v2/users/\(user.text) is not as documented: \(error.detail)")
        }
    }

    private static func batches(
        _ missed: [(user: UserID, set: MissedSet, fact: FoundFact)]
    ) -> [[(user: UserID, set: MissedSet, fact: FoundFact)]] {
        var batches: [[(user: UserID, set: MissedSet, fact: FoundFact)]] = []
        var bytes = 0
        for one in missed {
            bytes += one.fact.body.count
            if batches.isEmpty || bytes > bytesTogether {
                batches.append([])
                bytes = one.fact.body.count
            }
            batches[batches.count - 1].append(one)
        }
        return batches
    }

    private func known(_ user: KnownUser) -> ReconcilePlan.Known {
        if let set = user.set { return .last(set) }
        return user.isForgotten && !ignoresForgotten ? .forgotten : .nothing
    }

    /// However many there are, and however few an answer covers.
    private func known(of users: [UserID]) async throws -> [KnownUser] {
        var known: [KnownUser] = []
        while known.count < users.count {
            let asked = Array(users[known.count...].prefix(FoundFacts.mostUsers))
            let answer = try await operations.known(of: asked)
            guard !answer.isEmpty, answer.map(\.user) == Array(asked.prefix(answer.count)) else {
                throw OperationFault.unexpected("the relay answers for other users than it was asked about")
            }
            known += answer
        }
        return known
    }
}
