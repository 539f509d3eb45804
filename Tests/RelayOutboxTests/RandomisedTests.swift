import RelayCore
import RelayTestSupport
import Testing

@testable import RelayOutbox

/// Against a model that holds everything in memory: whatever comes, and wherever filing, closing and pruning stand, each answer is the model's.
@Suite("Any history", .timeLimit(.minutes(2)))
struct RandomisedTests {
    /// What must be known: nothing of it depends on how it is stored.
    private struct Model {
        var facts: Set<EventID> = []
        var users: [String: (set: ConnectedSet, revision: Int64)] = [:]
        var waiting: [EventID] = []

        mutating func answer(to fact: Fact, _ user: String, _ set: ConnectedSet?) -> Receipt {
            guard facts.insert(fact.id).inserted else { return .duplicate(fact.id) }
            waiting.append(fact.id)
            guard let set else { return .accepted(fact.id, nil) }
            let transition = Transition(from: users[user].map { ($0.set, $0.revision) }, to: set)
            users[user] = (set, transition.revision)
            return .accepted(fact.id, transition)
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
            try await place.withOutbox({ $0.factRetention = nil }) { outbox in
                for step in steps { try await take(step, place, outbox, &now) }
                let report = try await outbox.check()
                #expect(report.isSound, "\(report.faults)")
                #expect(report.facts == now.facts.count)
                let waiting = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10_000)
                let others = try await outbox.pending(in: .named("argyle.paystubs.fully-synced"), after: 0, limit: 10_000)
                #expect((waiting + others).sorted { $0.sequence < $1.sequence }.map(\.id) == now.waiting)
            }
            model = now
        }
        #expect(model.facts.count > 100)
    }

    private func take(_ step: UInt64, _ place: TemporaryOutbox, _ outbox: SQLiteOutbox, _ model: inout Model) async throws {
        let user = "user-\(step >> 8 & 7)"
        switch step & 7 {
        case 0...3:
            let accounts = (0..<6).filter { step >> (16 + $0) & 1 == 1 }.map { "a\($0)" }
            let fact = try SampleFact.sync(user, accounts)
            let expected = model.answer(to: fact, user, ConnectedSet(accounts: accounts.compactMap(AccountID.init)))
            let receipt = try await outbox.append(fact)
            #expect(receipt == expected)
        case 4:
            let fact = try SampleFact.account(user, count: Int(step >> 16 & 31))
            let expected = model.answer(to: fact, user, nil)
            let receipt = try await outbox.append(fact)
            #expect(receipt == expected)
        case 5:
            let few = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: Int(step >> 16 & 15) + 1)
            outbox.publish(few, at: place.time.now)
            model.waiting.removeAll { id in few.contains { $0.id == id } }
            _ = try await outbox.currentStatus()
        case 6:
            // Long enough for what was published to be forgotten, though not the facts.
            place.time.advance(.seconds(86_400))
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
