import RelayCore
import RelayTestSupport
import Testing

@testable import RelayOutbox

@Suite("The store and what was found at Argyle's API", .timeLimit(.minutes(2)))
struct ReconcileStoreTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox(recentFacts: 3) }

    private func user(_ name: String) throws -> UserID { try #require(UserID(name)) }

    private func found(_ user: String, _ accounts: [String], after revision: Int64) throws -> Fact {
        let body = try ReconciledBody.make(
            user: try self.user(user),
            accounts: ConnectedSet(accounts: accounts.compactMap(AccountID.init)),
            items: [],
            employers: [],
            profile: nil
        )
        return try Fact(reconciling: body, after: revision, receivedAt: place.time.now)
    }

    @Test("tells the last set of each user, in the order of the question, from memory and from the index alike")
    func known() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<45 { _ = try await outbox.append(try SampleFact.sync("user-\(number)", ["a", "b\(number)"])) }
            _ = try await outbox.append(try SampleFact.sync("user-7", ["c"]))
            _ = try await outbox.append(try SampleFact.account("user-7", count: 3))
            _ = try await outbox.append(try SampleFact.account("paystubs-only", count: 3))
            _ = try await outbox.append(
                try SampleFact.reading(
                    #"{"event":"users.fully_synced","data":{"user":"old","resource":{"items_connected":["i2","i1"]}}}"#
                )
            )
            let names = ["nobody", "old", "paystubs-only", "user-7"] + (8..<45).map { "user-\($0)" }
            let known = try await outbox.known(of: try names.map(user))
            #expect(known.map(\.user.text) == names)
            let nobody = KnownUser(user: try user("nobody"), revision: 0, set: nil)
            #expect(known[0] == nobody)
            #expect(known[1].items == ["i1", "i2"] && known[1].accounts == nil)
            #expect(known[1].revision == 1 && known[1].set?.kind == .items)
            #expect(known[2].revision == 0 && known[2].set == nil && !known[2].isForgotten)
            #expect(known[3].accounts == ["c"] && known[3].revision == 2)
            #expect(known.dropFirst(4).allSatisfy { $0.accounts == ["a", "b" + $0.user.text.dropFirst(5)] && $0.revision == 1 })
        }
    }

    @Test("answers for the first users alone where their sets are large, and never for none")
    func large() async throws {
        try await place.withOutbox { outbox in
            let accounts = (0..<2200).map { "account-\($0)-" + String(repeating: "x", count: 100) }
            for number in 0..<25 { _ = try await outbox.append(try SampleFact.sync("user-\(number)", accounts)) }
            let users = try (0..<25).map { try user("user-\($0)") }
            let known = try await outbox.known(of: users)
            #expect(known.map(\.user) == Array(users.prefix(20)))
        }
    }

    @Test("says of a set that retention has taken that there was one")
    func forgotten() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync())
            try await outbox.execute("DELETE FROM facts; DELETE FROM fact_ids")
            let known = try await outbox.known(of: [try user("user-1")])
            #expect(known.map(\.isForgotten) == [true] && known.map(\.revision) == [1])
        }
    }

    @Test("takes in what is news, with its origin, once; the delivery that comes after all is a duplicate")
    func takesIn() async throws {
        let facts = try (0..<45).map { try found("user-\($0)", ["a", "b"], after: $0 == 7 ? 1 : 0) }
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-7", ["a"]))
            let rehearsed = try await outbox.rehearse(facts)
            #expect(rehearsed.map(\.id) == facts.map(\.id) && rehearsed.allSatisfy { $0.outcome == .missed })
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 1)
            let taken = try await outbox.takeIn(facts)
            #expect(taken.map(\.id) == facts.map(\.id) && taken.allSatisfy { $0.outcome == .accepted })
            #expect(taken[7].change == "grown" && taken[7].revision == 2)
            #expect(taken[8].change == "initial" && taken[8].revision == 1)
            #expect(try await outbox.integer("SELECT count(*) FROM entries WHERE origin = 'reconcile'") == 45)
            let again = try await outbox.takeIn(facts)
            #expect(again.map(\.id) == facts.map(\.id) && again.allSatisfy { $0.outcome == .known })
            #expect(try await outbox.rehearse(facts).allSatisfy { $0.outcome == .known })
        }
        try await place.withOutbox { outbox in
            #expect(try await outbox.append(try SampleFact.sync("user-3", ["b", "a"])) == .duplicate(facts[3].id))
            #expect(try await outbox.integer("SELECT sum(duplicates) FROM facts") == 1)
            let record = try await outbox.event(facts[3].id)
            #expect(record?.origin == "reconcile" && record?.suppressed?.count == 1)
            #expect(try await outbox.rehearse([try found("user-3", ["a", "b"], after: 1)]).map(\.outcome) == [.known])
        }
    }

    @Test("takes in nothing of a user about whom a delivery came after the look-up: Argyle's own word is newer")
    func overtaken() async throws {
        try await place.withOutbox { outbox in
            let fact = try found("user-1", ["a"], after: 0)
            let delivered = try SampleFact.sync("user-1", ["a", "b"])
            _ = try await outbox.append(delivered)
            #expect(try await outbox.rehearse([fact]) == [FoundFactOutcome(id: delivered.id, outcome: .overtaken)])
            #expect(try await outbox.takeIn([fact]) == [FoundFactOutcome(id: delivered.id, outcome: .overtaken)])
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 1)
            #expect(try await outbox.integer("SELECT sum(duplicates) FROM facts") == 0)
            // An account's event says nothing of the set.
            _ = try await outbox.append(try SampleFact.account(count: 1))
            let second = try await outbox.takeIn([try found("user-1", ["a", "b", "c"], after: 1)])
            #expect(second.map(\.outcome) == [.accepted])
        }
    }

    @Test("a set that came again is known to it, and what it took in comes again only with something new")
    func comesAgain() async throws {
        func delivered(_ externalID: String) throws -> Fact {
            let resource = #"{"accounts_connected":["a"],"items_connected":[],"employers_connected":[],"external_id":\#(externalID)}"#
            return try SampleFact.reading(
                #"{"event":"users.fully_synced","name":"n","data":{"user":"user-1","resource":\#(resource)}}"#,
                at: place.time.now
            )
        }
        func wait(_ outbox: SQLiteOutbox) async throws {
            place.time.advance(.seconds(700))
            _ = try await outbox.currentStatus()
        }
        try await place.withOutbox({ $0.resent = .publish }) { outbox in
            let fact = try found("user-1", ["a"], after: 0)
            #expect(try await outbox.takeIn([fact]).map(\.outcome) == [.accepted])
            try await wait(outbox)
            #expect(try await outbox.append(try delivered("null")) == .duplicate(fact.id))
            try await wait(outbox)
            #expect(try await outbox.append(try delivered("1")).isAccepted)
            try await wait(outbox)
            let again = try await outbox.takeIn([try found("user-1", ["a"], after: 0)])
            #expect(again == [FoundFactOutcome(id: fact.id, outcome: .known)])
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 2)
        }
    }

    @Test("takes in no more than its limits allow, and the rest when they do")
    func limits() async throws {
        let facts = try (0..<10).map { try found("user-\($0)", ["a"], after: 0) }
        try await place.withOutbox({ $0.maxPending = 4 }) { outbox in
            let error = await caught(OutboxError.self) { try await outbox.takeIn(facts) }
            #expect(error == .full)
            let entries = try await outbox.integer("SELECT count(*) FROM entries")
            #expect(entries == 4)
        }
        try await place.withOutbox { outbox in
            let taken = try await outbox.takeIn(facts)
            #expect(taken.filter { $0.outcome == .accepted }.count == 6 && taken.filter { $0.outcome == .known }.count == 4)
        }
    }
}
