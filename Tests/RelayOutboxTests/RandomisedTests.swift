import RelayCore
import RelayMetrics
import RelayTestSupport
import Testing

@testable import RelayOutbox

/// Against a model that holds everything in memory: whatever comes, and wherever filing, closing and pruning stand, each answer is the model's.
@Suite("Any history", .timeLimit(.minutes(2)))
struct RandomisedTests {
    /// What must be known: nothing of it depends on how it is stored.
    private struct Model {
        /// What is known of the facts with one name.
        struct Name {
            var count: Int64
            /// The last copy of a set; of an event without an identity of its own, the last fact.
            var last: Timestamp
        }

        struct User {
            var set: ConnectedSet
            var particulars: Particulars?
            var revision: Int64
        }

        var policy = ResentPolicy.suppress
        var names: [EventID: Name] = [:]
        var facts: Set<EventID> = []
        var users: [String: User] = [:]
        var waiting: [EventID] = []
        /// Sets that came again with something new since the outbox was opened.
        var resent = 0

        mutating func answer(to fact: Fact, _ user: String, _ set: ConnectedSet?) -> Receipt {
            var count: Int64 = 1
            if let name = names[fact.id] {
                let isLate = fact.receivedAt.elapsed(since: name.last) > .seconds(600)
                let saysMore = set.map { users[user]?.set != $0 || users[user]?.particulars != fact.particulars } ?? !fact.hasIdentity
                if set != nil, isLate, saysMore { resent += 1 }
                guard isLate, saysMore, set == nil || policy == .publish else {
                    if set != nil { names[fact.id]?.last = fact.receivedAt }
                    return .duplicate(fact.id(again: name.count))
                }
                count = name.count + 1
            }
            names[fact.id] = Name(count: count, last: fact.receivedAt)
            let id = fact.id(again: count)
            facts.insert(id)
            waiting.append(id)
            guard let set else { return .accepted(id, nil) }
            let transition = Transition(from: users[user].map { ($0.set, $0.revision) }, to: set)
            users[user] = User(set: set, particulars: fact.particulars, revision: transition.revision)
            return .accepted(id, transition)
        }
    }

    @Test(
        "is answered as it should be",
        arguments: [1, 2, 3, 4, 5, 6],
        [1, 4, 30]
    )
    func history(seed: UInt64, recentFacts: Int) async throws {
        var random = SeededGenerator(state: seed)
        var model = Model()
        let place = try TemporaryOutbox(recentFacts: recentFacts)
        for _ in 0..<12 {
            let steps = (0..<40).map { _ in random.next() }
            var now = model
            now.policy = random.next() & 1 == 0 ? .publish : .suppress
            now.resent = 0
            let policy = now.policy
            try await place.withOutbox({
                $0.factRetention = nil
                $0.resent = policy
            }) { outbox in
                for step in steps { try await take(step, place, outbox, &now) }
                let report = try await outbox.check()
                #expect(report.isSound, "\(report.faults)")
                #expect(report.facts == now.facts.count)
                let waiting = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10_000)
                let others = try await outbox.pending(in: .named("argyle.paystubs.fully-synced"), after: 0, limit: 10_000)
                let identities = try await outbox.pending(in: .named("argyle.identities.updated"), after: 0, limit: 10_000)
                #expect((waiting + others + identities).sorted { $0.sequence < $1.sequence }.map(\.id) == now.waiting)
            }
            model = now
        }
        #expect(model.facts.count > 60)
        #expect(model.names.values.contains { $0.count > 1 })
    }

    private func take(_ step: UInt64, _ place: TemporaryOutbox, _ outbox: SQLiteOutbox, _ model: inout Model) async throws {
        let user = "user-\(step >> 8 & 3)"
        switch step & 7 {
        case 0...3:
            let accounts = (0..<3).filter { step >> (16 + $0) & 1 == 1 }.map { "a\($0)" }
            let fact = try SampleFact.sync(user, accounts, externalID: step >> 24 & 1 == 0 ? nil : "x", at: place.time.now)
            let expected = model.answer(to: fact, user, ConnectedSet(accounts: accounts.compactMap(AccountID.init)))
            let receipt = try await outbox.append(fact)
            #expect(receipt == expected)
            let resent = await outbox.writer.meters.resent.value
            #expect(resent == model.resent)
        case 4:
            let isAccount = step >> 24 & 1 == 0
            let fact =
                isAccount
                ? try SampleFact.account(user, count: Int(step >> 16 & 31), at: place.time.now)
                : try SampleFact.identity(user, at: place.time.now)
            let expected = model.answer(to: fact, user, nil)
            let receipt = try await outbox.append(fact)
            #expect(receipt == expected)
        case 5:
            let few = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: Int(step >> 16 & 15) + 1)
            outbox.publish(few, at: place.time.now)
            model.waiting.removeAll { id in few.contains { $0.id == id } }
            _ = try await outbox.currentStatus()
        case 6:
            // Once in a while long enough for what was published to be forgotten, though not the facts.
            place.time.advance([.seconds(300), .seconds(600), .seconds(601), .seconds(86_400)][Int(step >> 16 & 3)])
            _ = try await outbox.currentStatus()
        default:
            let known = model.facts.sorted()
            guard !known.isEmpty else { return }
            let id = known[Int(step >> 16) % known.count]
            let record = try await outbox.event(id, whole: false)
            #expect(record?.id == id)
        }
    }
}
