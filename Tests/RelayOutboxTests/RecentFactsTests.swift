import RelayCore
import Testing

@testable import RelayOutbox

@Suite("Recent facts", .timeLimit(.minutes(2)))
struct RecentFactsTests {
    private func id(_ number: Int) -> EventID { EventID(naming: Array("\(number)".utf8)) }
    private func user(_ number: Int) throws -> UserID { try #require(UserID("user-\(number)")) }

    /// Adds facts `numbers` of as many users and commits.
    private func add(_ numbers: ClosedRange<Int>, to recent: inout RecentFacts) throws {
        for number in numbers {
            recent.add(id(number), at: Int64(number))
            recent.set(RecentFacts.User(lastFact: Int64(number), lastSet: nil, revision: 1), of: try user(number))
        }
        recent.commit()
    }

    @Test("are known from the transaction that brings them on, and only as long as it stands")
    func transactions() throws {
        var recent = RecentFacts(capacity: 10)
        recent.add(id(1), at: 1)
        recent.set(RecentFacts.User(lastFact: 1, lastSet: 1, revision: 1), of: try user(1))
        #expect(recent.sequence(of: id(1)) == 1)
        recent.rollBack()
        #expect(recent.sequence(of: id(1)) == nil)
        #expect(recent.state(of: try user(1)) == nil)
        #expect(recent.isEmpty)
        try add(1...1, to: &recent)
        #expect(recent.sequence(of: id(1)) == 1)
        #expect(recent.count == 1)
    }

    @Test("of a user whose set the index alone knows are completed by it, once, and the newer of both stands")
    func merging() throws {
        var recent = RecentFacts(capacity: 10)
        let filed = RecentFacts.User(lastFact: 3, lastSet: 2, revision: 2)
        recent.setUnmerged(RecentFacts.User(lastFact: 9, lastSet: nil, revision: 0), of: try user(1))
        #expect(recent.isUnmerged(try user(1)))
        recent.merge(filed, of: try user(1))
        #expect(recent.state(of: try user(1)) == RecentFacts.User(lastFact: 9, lastSet: 2, revision: 2))
        #expect(!recent.isUnmerged(try user(1)))
        recent.merge(RecentFacts.User(lastFact: 10, lastSet: 10, revision: 7), of: try user(1))
        #expect(recent.state(of: try user(1))?.revision == 2)
        // A set that came after the index was written needs nothing of it.
        recent.setUnmerged(RecentFacts.User(lastFact: 9, lastSet: 8, revision: 5), of: try user(2))
        #expect(!recent.isUnmerged(try user(2)))
    }

    @Test("are filed in the order of their ids, each once, in slices no larger than asked for, the last of which says how far")
    func slices() throws {
        var recent = RecentFacts(capacity: 10)
        try add(1...10, to: &recent)
        let early = recent.takeSlice(4)
        #expect(early == nil)
        recent.beginFiling(upTo: 10)
        // What comes meanwhile waits for the next time.
        try add(11...12, to: &recent)
        var filed: [EventID] = []
        var users: [UserID] = []
        var completes: [Int64?] = []
        while let slice = recent.takeSlice(4) {
            #expect(slice.facts.count <= 4 && slice.users.count <= 4)
            filed += slice.facts.map(\.id)
            users += slice.users.map(\.user)
            completes.append(slice.completes)
            recent.commit()
            for (fact, _) in slice.facts { #expect(recent.sequence(of: fact) == nil) }
        }
        #expect(filed == (1...10).map(id).sorted())
        let bytes = (1...10).map { id($0).bytes }.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(filed.map(\.bytes) == bytes)
        let known = Set(try (1...10).map(user))
        #expect(Set(users) == known)
        #expect(completes == [nil, nil, 10])
        #expect(recent.count == 2)
    }

    @Test("that could not be filed stay, and the same slice comes again")
    func failedSlice() throws {
        var recent = RecentFacts(capacity: 4)
        try add(1...4, to: &recent)
        recent.beginFiling(upTo: 4)
        let firstSlice = recent.takeSlice(3)
        let first = try #require(firstSlice)
        recent.rollBack()
        for (fact, sequence) in first.facts { #expect(recent.sequence(of: fact) == sequence) }
        let nextSlice = recent.takeSlice(3)
        let again = try #require(nextSlice)
        #expect(again.facts.map(\.id) == first.facts.map(\.id) && again.users.map(\.user) == first.users.map(\.user))
    }

    @Test("file a user as the very transaction leaves it that files it")
    func changedUser() throws {
        var recent = RecentFacts(capacity: 1)
        try add(1...1, to: &recent)
        recent.beginFiling(upTo: 1)
        let newer = RecentFacts.User(lastFact: 2, lastSet: 2, revision: 2)
        recent.set(newer, of: try user(1))
        let taken = recent.takeSlice(10)
        let slice = try #require(taken)
        #expect(slice.users.map(\.state) == [newer])
        recent.commit()
        #expect(recent.state(of: try user(1)) == nil)
    }

    /// Users change all the while, some of their facts are filed, some are not, and some transactions are not even begun when it closes.
    @Test("outlive a close wherever filing stands: revisions go on, and what is known stays known", arguments: [1, 3, 7, 40, 16_384])
    func reopening(recentFacts: Int) async throws {
        let place = try TemporaryOutbox(recentFacts: recentFacts)
        var facts: [Fact] = []
        for round in 1...12 {
            try await place.withOutbox { outbox in
                for fact in facts { #expect(try await outbox.append(fact) == .duplicate(fact.id)) }
                for number in 0..<5 {
                    let user = "user-\(number)"
                    let fact = try SampleFact.sync(user, (0..<round).map { "a\($0)" })
                    guard case .accepted(_, let transition?) = try await outbox.append(fact) else {
                        Issue.record("not accepted")
                        return
                    }
                    #expect(transition.revision == Int64(round))
                    #expect(transition.change == (round == 1 ? .initial : .grown))
                    #expect(transition.accountsAdded == ["a\(round - 1)"])
                    facts.append(fact)
                    if number == 2 { facts.append(try await account(user, round, outbox)) }
                }
                let report = try await outbox.check()
                #expect(report.isSound, "\(report.faults)")
                #expect(report.users == 5 && report.facts == facts.count)
                #expect(await outbox.writer.recent.count <= max(2 * recentFacts, 16))
            }
        }
    }

    @Test(
        "of a user who comes with another event right after a start do not hide the set that was filed before it",
        arguments: [false, true]
    )
    func anotherEventAfterAStart(closesBetween: Bool) async throws {
        let place = try TemporaryOutbox(recentFacts: 1)
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a"]))
            for number in 2...4 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            #expect(try await outbox.integer("SELECT count(*) FROM users WHERE user = 'user-1'") == 1)
        }
        try await place.withOutbox { outbox in
            _ = try await account("user-1", 1, outbox)
            if !closesBetween { try await grow(outbox) }
        }
        // The other event is read again from its row at this start, and its user's set is not in it.
        if closesBetween { try await place.withOutbox { try await grow($0) } }
    }

    private func grow(_ outbox: SQLiteOutbox) async throws {
        guard case .accepted(_, let transition?) = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"])) else {
            Issue.record("not accepted")
            return
        }
        #expect(transition.change == .grown && transition.revision == 2 && transition.accountsAdded == ["b"])
    }

    /// A fact of the same user that has no set and leaves the last one as it is.
    private func account(_ user: String, _ count: Int, _ outbox: SQLiteOutbox) async throws -> Fact {
        let fact = try SampleFact.account(user, count: count)
        #expect(try await outbox.append(fact).isAccepted)
        return fact
    }
}
