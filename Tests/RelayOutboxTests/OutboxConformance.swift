import RelayCore
import RelayOutbox
import Synchronization
import Testing

/// The promises of ``OutboxStore``, a function each; every implementation is held to all of them.
struct OutboxConformance<Store: StoreUnderTest> {
    let subject: Store

    private static var users: String { "argyle.users.fully-synced" }
    private static var paystubs: String { "argyle.paystubs.fully-synced" }
    private static var deadLetters: String { "argyle.dead-letter" }

    func newIsAccepted() async throws {
        let fact = try SampleFact.sync()
        try await subject.withStore { store in
            let receipt = try await store.append(fact)
            #expect(receipt == .accepted(fact.id, Transition(from: nil, to: ConnectedSet(accounts: ["a"].compactMap(AccountID.init)))))
            let entries = try await store.pending(in: .named(Self.users), after: 0, limit: 10)
            #expect(entries.map(\.id) == [fact.id])
            guard case .event(let envelope) = entries.first?.content else {
                Issue.record("no event")
                return
            }
            #expect(envelope.user?.text == "user-1" && envelope.time == SampleFact.start && envelope.subscription == "n")
            #expect(String(decoding: envelope.data, as: UTF8.self).contains(#""change":"initial","revision":1"#))
        }
    }

    func sameIsDuplicate() async throws {
        let first = try SampleFact.sync("user-1", ["a", "b"])
        try await subject.withStore { store in
            _ = try await store.append(first)
            let copies = [first, try SampleFact.sync("user-1", ["B", "a", "a"], subscription: "another")]
            for copy in copies { #expect(try await store.append(copy) == .duplicate(first.id)) }
            #expect(try await store.pending(in: .named(Self.users), after: 0, limit: 10).count == 1)
            #expect(try await store.currentStatus().pending == 1)
        }
    }

    func concurrentCopiesYieldOne() async throws {
        let receipts = try await subject.withStore { store in
            try await withThrowingTaskGroup(of: Receipt.self) { group in
                for number in 0..<100 {
                    let copy = try SampleFact.sync("user-1", ["a"], subscription: "\(number)")
                    group.addTask { try await store.append(copy) }
                }
                return try await group.reduce(into: [Receipt]()) { $0.append($1) }
            }
        }
        let accepted = receipts.filter { if case .accepted = $0 { true } else { false } }
        #expect(receipts.count == 100)
        #expect(accepted.count == 1)
        #expect(receipts.filter { $0 == .duplicate(receipts[0].id) }.count == 99)
    }

    func revisionsCount() async throws {
        try await subject.withStore { store in
            var changes: [Transition] = []
            for accounts in [["a"], ["a", "b"], ["b"], ["c"]] {
                if case .accepted(_, let transition?) = try await store.append(try SampleFact.sync("user-1", accounts)) {
                    changes.append(transition)
                }
                // What is no set, and what is another user's, counts for nothing.
                _ = try await store.append(try SampleFact.account(count: changes.count))
                _ = try await store.append(try SampleFact.sync("user-2", accounts))
            }
            #expect(changes.map(\.revision) == [1, 2, 3, 4])
            #expect(changes.map(\.change) == [.initial, .grown, .shrunk, .replaced])
            #expect(changes.map(\.accountsAdded) == [["a"], ["b"], [], ["c"]])
            #expect(changes.map(\.accountsRemoved) == [[], [], ["a"], ["b"]])
            // An old set again is the fact it was.
            let old = try SampleFact.sync("user-1", ["a"])
            #expect(try await store.append(old) == .duplicate(old.id))
        }
    }

    func concurrentRevisionsFollowTheOrderOfAcceptance() async throws {
        let committed = Mutex<[OutboxEntry]>([])
        let onCommit: @Sendable ([OutboxEntry]) -> Void = { entries in committed.withLock { $0 += entries } }
        try await subject.withStore(onCommit: onCommit) { store in
            let revisions = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<100 {
                    let fact = try SampleFact.sync("user-1", ["a\(number)"])
                    group.addTask { () -> Int64 in
                        if case .accepted(_, let transition?) = try await store.append(fact) { transition.revision } else { 0 }
                    }
                }
                return try await group.reduce(into: [Int64]()) { $0.append($1) }
            }
            #expect(revisions.sorted() == Array(1...100))
            let pending = try await store.pending(in: .named(Self.users), after: 0, limit: 1000)
            let told = pending.map { entry in
                if case .event(let envelope) = entry.content { String(decoding: envelope.data, as: UTF8.self) } else { "" }
            }
            for (index, data) in told.enumerated() { #expect(data.contains(#""revision":\#(index + 1),"#)) }
            #expect(committed.withLock { $0.map(\.sequence) } == pending.map(\.sequence))
            #expect(
                committed.withLock { $0.map { KafkaRecord($0, mode: .structured).value } }
                    == pending.map { KafkaRecord($0, mode: .structured).value }
            )
        }
    }

    func quarantinedOnce() async throws {
        let fact = try SampleFact.unreadable()
        try await subject.withStore { store in
            for _ in 0..<3 { #expect(try await store.append(fact) == .quarantined(fact.id, code: .notJSON)) }
            let entries = try await store.pending(in: .named(Self.deadLetters), after: 0, limit: 10)
            #expect(entries.count == 1)
            guard case .deadLetter(let letter) = entries.first?.content else {
                Issue.record("no dead letter")
                return
            }
            #expect(letter.body == Array("not JSON 0".utf8) && letter.code == "not_json" && letter.receivedAt == SampleFact.start)
            #expect(!letter.detail.isEmpty)
        }
    }

    func pendingInOrder() async throws {
        try await subject.withStore { store in
            #expect(try await store.topicsPending() == [])
            for number in 0..<10 {
                _ = try await store.append(try SampleFact.sync("user-\(number)"))
                _ = try await store.append(try SampleFact.account(count: number))
                _ = try await store.append(try SampleFact.unreadable(number))
            }
            let topics = [Self.deadLetters, Self.paystubs, Self.users]
            #expect(try await store.topicsPending().map(\.text).sorted() == topics)
            for topic in topics {
                let all = try await store.pending(in: .named(topic), after: 0, limit: 100)
                #expect(all.count == 10 && all.allSatisfy { $0.topic.text == topic })
                #expect(all.map(\.sequence) == all.map(\.sequence).sorted())
                let some = try await store.pending(in: .named(topic), after: all[3].sequence, limit: 4)
                #expect(some.map(\.sequence) == all[4..<8].map(\.sequence))
                #expect(try await store.pending(in: .named(topic), after: all[9].sequence, limit: 4).isEmpty)
            }
            #expect(try await store.pending(in: .named("another"), after: 0, limit: 4).isEmpty)
            store.publish(try await store.pending(in: .named(Self.users), after: 0, limit: 100))
            #expect(try await store.topicsPending().map(\.text).sorted() == [Self.deadLetters, Self.paystubs])
        }
    }

    func settlementsTakeEffectOnce() async throws {
        try await subject.withStore { store in
            for number in 0..<4 { _ = try await store.append(try SampleFact.sync("user-\(number)")) }
            let entries = try await store.pending(in: .named(Self.users), after: 0, limit: 10)
            let at = SampleFact.start
            store.publish([entries[0]])
            store.settle([
                try Settlement(sequence: entries[1].sequence, at: at, outcome: .dead(code: "too_large", detail: "d")),
                try Settlement(sequence: entries[2].sequence, at: at, outcome: .failed(code: "timed_out", detail: "d")),
            ])
            #expect(try await store.pending(in: .named(Self.users), after: 0, limit: 10).map(\.sequence) == entries[2...].map(\.sequence))
            var status = try await store.currentStatus()
            #expect(status.pending == 2 && status.dead == 1)
            // Late, repeated and unknown ones change nothing.
            store.publish([entries[0], entries[1]])
            store.settle([
                try Settlement(sequence: entries[0].sequence, at: at, outcome: .dead(code: "x", detail: "d")),
                try Settlement(sequence: entries[1].sequence, at: at, outcome: .failed(code: "x", detail: "d")),
                try Settlement(sequence: 999_999, at: at, outcome: .published(partition: 0, offset: 0)),
                try Settlement(sequence: -1, at: at, outcome: .dead(code: "x", detail: "d")),
            ])
            status = try await store.currentStatus()
            #expect(status.pending == 2 && status.dead == 1)
            #expect(try await store.pending(in: .named(Self.users), after: 0, limit: 10).map(\.sequence) == entries[2...].map(\.sequence))
            store.publish(Array(entries[2...]))
            status = try await store.currentStatus()
            #expect(status.pending == 0 && status.dead == 1 && status.oldestPending == nil)
        }
    }

    func fullTurnsAwayNewFactsOnly() async throws {
        try await subject.withStore(maxPending: 40) { store in
            let facts = try (0..<45).map { try SampleFact.sync("user-\($0)") }
            for fact in facts.prefix(40) { #expect(try await store.append(fact).isAccepted) }
            for fact in facts.suffix(5) { await #expect(throws: OutboxError.full) { try await store.append(fact) } }
            await #expect(throws: OutboxError.full) { try await store.append(try SampleFact.unreadable()) }
            #expect(try await store.append(facts[0]) == .duplicate(facts[0].id))
            #expect(try await store.currentStatus().shedding == .full)
            let entries = try await store.pending(in: .named(Self.users), after: 0, limit: 100)
            #expect(entries.count == 40)
            // One that leaves makes no room yet, or the answer would be yes and no in turns.
            store.publish([entries[0]])
            #expect(try await store.currentStatus().shedding == .full)
            await #expect(throws: OutboxError.full) { try await store.append(facts[40]) }
            store.publish(Array(entries[1..<10]))
            #expect(try await store.currentStatus().shedding == nil)
            for fact in facts.suffix(5) { #expect(try await store.append(fact).isAccepted) }
            #expect(try await store.currentStatus().pending == 35)
        }
    }

    func aBurstNeverExceedsTheLimit() async throws {
        try await subject.withStore(maxPending: 40) { store in
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    let fact = try SampleFact.sync("user-\(number)")
                    group.addTask { (try? await store.append(fact))?.isAccepted ?? false }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(accepted == 40)
            #expect(try await store.currentStatus().pending == 40)
        }
    }

    func everythingOutlivesTheStore() async throws {
        let kept = try SampleFact.sync("user-1", ["a"])
        let published = try SampleFact.sync("user-2", ["a"])
        let dead = try SampleFact.sync("user-3", ["a"])
        let failed = try SampleFact.sync("user-4", ["a"])
        let letter = try SampleFact.unreadable()
        let before = try await subject.withStore { store in
            for fact in [kept, published, dead, failed, letter] { _ = try await store.append(fact) }
            let entries = try await store.pending(in: .named(Self.users), after: 0, limit: 10)
            store.publish([entries[1]])
            store.settle([
                try Settlement(sequence: entries[2].sequence, at: SampleFact.start, outcome: .dead(code: "c", detail: "d")),
                try Settlement(sequence: entries[3].sequence, at: SampleFact.start, outcome: .failed(code: "c", detail: "d")),
            ])
            return entries
        }
        try await subject.withStore { store in
            let after = try await store.pending(in: .named(Self.users), after: 0, limit: 10)
            #expect(after.map(\.sequence) == [before[0].sequence, before[3].sequence])
            #expect(KafkaRecord(after[0], mode: .structured).value == KafkaRecord(before[0], mode: .structured).value)
            #expect(try await store.pending(in: .named(Self.deadLetters), after: 0, limit: 10).map(\.id) == [letter.id])
            let status = try await store.currentStatus()
            #expect(status.pending == 3 && status.dead == 1 && status.oldestPending == SampleFact.start)
            for fact in [kept, published, dead, failed] { #expect(try await store.append(fact) == .duplicate(fact.id)) }
            #expect(try await store.append(letter) == .quarantined(letter.id, code: .notJSON))
            let grown = try await store.append(try SampleFact.sync("user-2", ["a", "b"]))
            guard case .accepted(_, let transition?) = grown else {
                Issue.record("\(grown)")
                return
            }
            #expect(transition.change == .grown && transition.revision == 2)
            let newest = try await store.pending(in: .named(Self.users), after: before[3].sequence, limit: 10)
            #expect(newest.count == 1)
        }
    }

    func closedTakesNothing() async throws {
        let store = try subject.open(maxPending: 10, resent: .suppress)
        let fact = try SampleFact.sync()
        try await running(store) { _ = try await store.append(fact) }
        await #expect(throws: OutboxError.closed) { try await store.append(fact) }
        await #expect(throws: OutboxError.closed) { try await store.topicsPending() }
        await #expect(throws: OutboxError.closed) { try await store.pending(in: .named(Self.users), after: 0, limit: 1) }
        store.publish([])
        await store.run { _ in }
    }

    func cancellationClosesAndAnswersAll() async throws {
        let store = try subject.open(maxPending: 1000, resent: .suppress)
        let run = Task { await store.run { _ in } }
        let answers = try await withThrowingTaskGroup(of: EventID?.self) { group in
            for number in 0..<200 {
                let fact = try SampleFact.sync("user-\(number)")
                group.addTask { () -> EventID? in
                    if number == 100 { run.cancel() }
                    do throws(OutboxError) {
                        _ = try await store.append(fact)
                        return fact.id
                    } catch {
                        #expect(error == .closed)
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [EventID]()) { if let id = $1 { $0.append(id) } }
        }
        await run.value
        try await subject.withStore { store in
            let kept = try await store.pending(in: .named(Self.users), after: 0, limit: 1000)
            #expect(Set(kept.map(\.id)) == Set(answers) && kept.count == answers.count)
        }
    }
}

/// What comes again.
extension OutboxConformance {
    /// Lets time pass, and the store notice it.
    private func wait(_ duration: Duration, _ store: any OutboxStore) async throws {
        subject.pass(duration)
        _ = try await store.currentStatus()
    }

    private func change(_ receipt: Receipt) -> Transition.Change? {
        if case .accepted(_, let transition) = receipt { transition?.change } else { nil }
    }

    func bytesThatComeAgainAreNewsAfterTheWindow() async throws {
        let first = try SampleFact.identity(at: subject.now)
        try await subject.withStore { store in
            #expect(try await store.append(first) == .accepted(first.id, nil))
            try await wait(.seconds(600), store)
            #expect(try await store.append(try SampleFact.identity(at: subject.now)) == .duplicate(first.id))
            try await wait(.seconds(1), store)
            #expect(try await store.append(try SampleFact.identity(at: subject.now)) == .accepted(first.id(again: 2), nil))
        }
        try await subject.withStore { store in
            #expect(try await store.append(try SampleFact.identity(at: subject.now)) == .duplicate(first.id(again: 2)))
            try await wait(.seconds(601), store)
            let copies = try (0..<100).map { _ in try SampleFact.identity(at: subject.now) }
            let receipts = try await all(copies, store)
            #expect(receipts.filter(\.isAccepted) == [.accepted(first.id(again: 3), nil)])
            #expect(receipts.filter { $0 == .duplicate(first.id(again: 3)) }.count == 99)
        }
    }

    func knownSetsThatComeAgainAreFactsWherePublished() async throws {
        let (small, large) = (["a"], ["a", "b"])
        let id = try SampleFact.sync("user-1", small).id
        try await subject.withStore(resent: .publish) { store in
            func send(_ accounts: [String], _ externalID: String? = nil) async throws -> Receipt {
                try await store.append(try SampleFact.sync("user-1", accounts, externalID: externalID, at: subject.now))
            }
            _ = try await send(small)
            let grown = try await send(large)
            try await wait(.seconds(601), store)
            // The current set with nothing new is a copy, and a copy puts off.
            #expect(try await send(large) == .duplicate(grown.id))
            let shrunk = try await send(small)
            let second = try SampleFact.sync("user-1", small).id(again: 2)
            #expect(change(shrunk) == .shrunk && shrunk.id == second)
            #expect(try await send(large) == .duplicate(grown.id))
            #expect(try await send(small, "other") == .duplicate(shrunk.id))
            try await wait(.seconds(601), store)
            #expect(try await send(small) == .duplicate(shrunk.id))
            try await wait(.seconds(601), store)
            let copies = try (0..<100).map { _ in try SampleFact.sync("user-1", small, externalID: "other", at: subject.now) }
            let receipts = try await all(copies, store)
            let news = receipts.filter(\.isAccepted)
            #expect(news.count == 1 && news.first.flatMap(change) == .amended)
            let last = try SampleFact.sync("user-1", small).id(again: 3)
            #expect(receipts.allSatisfy { $0.id == last })
        }
        // What was published is known whatever the setting is now.
        try await subject.withStore(resent: .suppress) { store in
            let last = try SampleFact.sync("user-1", small).id(again: 3)
            try await wait(.seconds(601), store)
            #expect(try await store.append(try SampleFact.sync("user-1", small, at: subject.now)) == .duplicate(last))
            let waiting = try await store.pending(in: .named(Self.users), after: 0, limit: 10)
            #expect(waiting.first?.id == id && waiting.count == 4 && waiting.last?.id == last)
            guard case .event(let envelope) = waiting.last?.content else {
                Issue.record("no event")
                return
            }
            let data = String(decoding: envelope.data, as: UTF8.self)
            #expect(data.contains(#""accounts_added":[],"accounts_removed":[],"change":"amended","revision":4"#))
        }
    }

    private func all(_ facts: [Fact], _ store: any OutboxStore) async throws -> [Receipt] {
        try await withThrowingTaskGroup(of: Receipt.self) { group in
            for fact in facts { group.addTask { try await store.append(fact) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension Receipt {
    var isAccepted: Bool { if case .accepted = self { true } else { false } }

    var id: EventID {
        switch self {
        case .accepted(let id, _), .duplicate(let id), .quarantined(let id, _): id
        }
    }
}
