import RelayCore
import RelayKafka
import RelayOutbox
import Testing

@testable import RelayPublisher

@Suite("The publisher", .timeLimit(.minutes(1)))
struct PublisherTests {
    private let relay: TestRelay

    init() throws { relay = try TestRelay() }

    /// The users' events in Kafka, as their ids in order.
    private func order(_ records: [ConsumedRecord]) -> [String: [String]] {
        Dictionary(grouping: records, by: \.user).mapValues { $0.sorted { $0.offset < $1.offset }.compactMap { $0.header("ce_id") } }
    }

    @Test("keeps each user's order through failures of the broker")
    func retries() async throws {
        // 7: not leader; 19: too few replicas. Both pass.
        try relay.broker.fail(.produce, with: [19, 6, 19, 19])
        try await relay.run { outbox, _ in
            for number in 0..<60 { try await outbox.append(user: "u\(number % 3)", accounts: (0...number / 3).map { "a\($0)" }) }
            try await outbox.until { $0.pending == 0 }
            #expect(outbox.status.published == 60 && outbox.status.dead == 0)
            for user in ["u0", "u1", "u2"] {
                var filter = OutboxFilter()
                filter.user = UserID(user)
                let accepted = try await outbox.events(EventQuery(filter: filter, newestFirst: false)).events.map(\.id.description)
                let published = order(try await relay.records())[user] ?? []
                var seen: Set<String> = []
                #expect(published.filter { seen.insert($0).inserted } == accepted)
            }
        }
    }

    @Test("finds what waited while it was stopped")
    func restart() async throws {
        try relay.broker.goDown()
        try await relay.run { outbox, publisher in
            publisher.stop()
            try await outbox.append(user: "u", accounts: ["a"])
        }
        try relay.broker.comeUp()
        try await relay.run { outbox, _ in try await outbox.until { $0.pending == 0 } }
        #expect(try await relay.records().count == 1)
    }

    @Test("sends at the stop what waits behind its user's events that are on their way")
    func heldAtTheStop() async throws {
        try relay.broker.setLatency(.milliseconds(20))
        try await relay.run { outbox, publisher in
            for number in 0..<30 { try await outbox.append(user: "u", accounts: (0...number).map { "a\($0)" }) }
            #expect(outbox.status.pending > 10)
        }
        #expect(try await relay.records().count == 30)
    }

    @Test("stops without waiting for a probe that no broker answers")
    func away() async throws {
        let clock = ContinuousClock()
        var began = clock.now
        try await relay.run(kafka: KafkaSettings(bootstrapServers: ["127.0.0.1:1"])) { outbox, publisher in
            // The first probe lasts 5 s, and this is known within moments of its beginning.
            while publisher.connectionFault == nil { _ = try await outbox.topicsPending() }
            began = clock.now
        }
        let took = clock.now - began
        #expect(took < .seconds(3), "\(took)")
    }

    @Test("parks what the broker refuses, lets the user's next event pass, and delivers it when it is tried again")
    func deadLetters() async throws {
        // 10: the record is too large, in company and then alone.
        try relay.broker.fail(.produce, with: [10, 10, 10, 10])
        try await relay.run { outbox, publisher in
            try await outbox.append(user: "u", accounts: ["a"])
            try await outbox.until { $0.dead == 1 }
            try relay.broker.heal(.produce)
            try await outbox.append(user: "u", accounts: ["a", "b"])
            try await outbox.until { $0.pending == 0 }
            var filter = OutboxFilter()
            filter.state = .dead
            let dead = try #require(try await outbox.events(EventQuery(filter: filter)).events.first)
            let entry = try await outbox.retry(dead.id).get()
            publisher.readmit(entry)
            try await outbox.until { $0.pending == 0 && $0.published == 2 }
            #expect(try await relay.records().compactMap { $0.header("ce_id") }.contains(dead.id.description))
        }
    }

    @Test("carries a replay out: the same ids and order once more, with its header")
    func replay() async throws {
        try await relay.run { outbox, publisher in
            for number in 0..<600 { try await outbox.append(user: "u\(number % 40)", accounts: (0...number / 40).map { "a\($0)" }) }
            try await outbox.until { $0.pending == 0 }
            let ordered = try await outbox.order()
            publisher.wakeReplays()
            let done = try await outbox.finished(ordered.id)
            #expect(done.done == 600 && done.failed == 0 && done.gone == 0)
            let records = try await relay.records()
            let live = records.filter { $0.header("relay-replay") == nil }
            let again = records.filter { $0.header("relay-replay") == ordered.id.description }
            #expect(live.count == 600 && again.count == 600)
            #expect(order(live) == order(again))
            #expect(outbox.status.published == 600)
        }
    }

    @Test("goes on with a replay after a stop, without a repeat of what was acknowledged")
    func resumed() async throws {
        var id: EventID?
        try await relay.run { outbox, publisher in
            for number in 0..<400 { try await outbox.append(user: "u\(number % 40)", accounts: (0...number / 40).map { "a\($0)" }) }
            try await outbox.until { $0.pending == 0 }
            let ordered = try await outbox.order(rate: 1000)
            id = ordered.id
            publisher.wakeReplays()
            while try await outbox.replay(ordered.id)?.done ?? 0 == 0 {}
        }
        let ordered = try #require(id)
        try await relay.run { outbox, _ in
            let before = try #require(try await outbox.replay(ordered))
            #expect(before.done > 0 && before.done < 400)
            #expect(try await outbox.finished(ordered).done == 400)
        }
        let again = try await relay.records().filter { $0.header("relay-replay") != nil }
        #expect(again.count == 400 && Set(again.compactMap { $0.header("ce_id") }).count == 400)
    }
}
