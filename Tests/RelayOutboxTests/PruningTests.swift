import RelayCore
import RelayMetrics
import Testing

@testable import RelayOutbox

@Suite("Pruning", .timeLimit(.minutes(1)))
struct PruningTests {
    private let place: TemporaryOutbox
    private let day = Duration.seconds(86_400)

    init() throws { place = try TemporaryOutbox(recentFacts: 3) }

    private func pending(_ outbox: SQLiteOutbox) async throws -> [OutboxEntry] {
        try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10_000)
    }

    private func count(_ outbox: SQLiteOutbox, _ table: String) async throws -> Int64 {
        try await outbox.integer("SELECT count(*) FROM \(table)")
    }

    /// Waits for all that was called for, lets `duration` pass and waits for the slice that is due then.
    private func slice(_ outbox: SQLiteOutbox, after duration: Duration = .milliseconds(100)) async throws {
        _ = try await outbox.currentStatus()
        place.time.advance(duration)
        _ = try await outbox.currentStatus()
    }

    @Test("forgets what was published longer ago than the retention, in slices, and nothing that waits or is dead")
    func entries() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<450 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            let entries = try await pending(outbox)
            let dead = try Settlement(sequence: entries[20].sequence, at: place.time.now, outcome: .dead(code: "c", detail: "d"))
            outbox.settle([
                dead, try Settlement(sequence: entries[30].sequence, at: place.time.now, outcome: .failed(code: "c", detail: "d")),
            ])
            outbox.publish(entries.enumerated().filter { ![10, 20, 30].contains($0.offset) }.map(\.element))
            // Recorded before the time goes on: a slice that met them waiting would begin its next walk behind them.
            _ = try await outbox.currentStatus()
            try await slice(outbox, after: day * 7)
            #expect(try await count(outbox, "entries") == 450)
            var left: [Int64] = []
            for _ in 0..<6 {
                try await slice(outbox, after: .seconds(1))
                left.append(try await count(outbox, "entries"))
            }
            // The first slice meets the three that stay, so do those of later walks.
            #expect(left == [253, 53, 3, 3, 3, 3])
            #expect(try await pending(outbox).map(\.sequence) == [entries[10].sequence, entries[30].sequence])
            #expect(try await count(outbox, "failures") == 2)
            #expect(try await count(outbox, "facts") == 450)
            #expect(try await outbox.currentStatus().dead == 1)
        }
    }

    @Test("keeps what was published within the retention, however long ago it came")
    func settledLate() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync())
            place.time.advance(day * 30)
            outbox.publish(try await pending(outbox), at: place.time.now)
            try await slice(outbox, after: day * 6)
            #expect(try await count(outbox, "entries") == 1)
            try await slice(outbox, after: day * 2)
            #expect(try await count(outbox, "entries") == 0)
        }
    }

    @Test("goes on in an outbox to which nothing comes")
    func idle() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync())
            outbox.publish(try await pending(outbox))
            let pruned = await outbox.writer.meters.pruned
            _ = try await outbox.currentStatus()
            place.time.advance(day * 8)
            place.beats.beat()
            while pruned.value == 0 {
                try Task.checkCancellation()
                await Task.yield()
            }
            #expect(try await count(outbox, "entries") == 0)
        }
    }

    @Test("forgets a fact after its retention: the same one is new again, initial, and its revision goes on")
    func facts() async throws {
        try await place.withOutbox { outbox in
            let first = try await outbox.append(try SampleFact.sync("user-1", ["a"]))
            let grown = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"]))
            #expect(first.isAccepted && grown.isAccepted)
            outbox.publish(try await pending(outbox))
            try await slice(outbox, after: day * 364)
            try await slice(outbox)
            #expect(try await count(outbox, "facts") == 2)
            try await slice(outbox, after: day * 2)
            #expect(try await count(outbox, "facts") == 0)
            let again = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"]))
            guard case .accepted(_, let transition?) = again else {
                Issue.record("\(again)")
                return
            }
            #expect(transition == Transition(from: (nil, 2), to: ConnectedSet(accounts: ["a", "b"].compactMap(AccountID.init))))
            #expect(transition.change == .initial && transition.revision == 3)
        }
    }

    @Test("forgets a user's set with the fact it comes from, even when an account's event came after it")
    func setOfAnOlderFact() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a"]))
            place.time.advance(day * 300)
            _ = try await outbox.append(try SampleFact.account("user-1", count: 1, at: place.time.now))
            outbox.publish(try await pending(outbox))
            try await slice(outbox, after: day * 100)
            try await slice(outbox)
            #expect(try await count(outbox, "facts") == 1)
            let again = try await outbox.append(try SampleFact.sync("user-1", ["a"], at: place.time.now))
            guard case .accepted(_, let transition?) = again else {
                Issue.record("\(again)")
                return
            }
            #expect(transition.change == .initial && transition.revision == 2)
        }
    }

    @Test("leaves a user's newer set alone when an older fact of theirs is forgotten")
    func newerSet() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a"]))
            place.time.advance(day * 300)
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"], at: place.time.now))
            outbox.publish(try await pending(outbox), at: place.time.now)
            try await slice(outbox, after: day * 100)
            try await slice(outbox)
            #expect(try await count(outbox, "facts") == 1)
            guard case .accepted(_, let transition?) = try await outbox.append(try SampleFact.sync("user-1", ["a"], at: place.time.now))
            else {
                Issue.record("not accepted")
                return
            }
            #expect(transition.change == .shrunk && transition.revision == 3)
        }
    }

    @Test("keeps a fact whose entry still waits, and every fact where they are kept for ever")
    func keptFacts() async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync()
            _ = try await outbox.append(fact)
            try await slice(outbox, after: day * 1000)
            try await slice(outbox)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
            try outbox.setLimits(OutboxLimits(maxPending: 10, minFreeDisk: 0, entryRetention: day, factRetention: nil))
            outbox.publish(try await pending(outbox))
            try await slice(outbox, after: day * 10_000)
            try await slice(outbox)
            #expect(try await count(outbox, "entries") == 0)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
        }
    }

    @Test("walks over more facts than a slice holds")
    func manyFacts() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<450 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            outbox.publish(try await pending(outbox))
            // Recorded before the time goes on, as above.
            _ = try await outbox.currentStatus()
            for _ in 0..<3 { try await slice(outbox, after: day * 8) }
            #expect(try await count(outbox, "entries") == 0)
            // Where the walk stands by now is its own business: three slices more pass every fact, four meet each of them.
            place.time.advance(day * 365)
            for _ in 0..<6 { try await slice(outbox) }
            #expect(try await count(outbox, "facts") == 0)
        }
    }
}
