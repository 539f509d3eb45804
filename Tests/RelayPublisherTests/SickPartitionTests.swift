import RelayCore
import RelayKafka
import RelayOutbox
import Testing

@testable import RelayPublisher

@Suite("The publisher and a partition without a leader", .timeLimit(.minutes(1)))
struct SickPartitionTests {
    private let relay: TestRelay

    init() throws { relay = try TestRelay() }

    private func users(_ partitions: Set<Int32>, _ count: Int) -> [String] {
        Array((0...).lazy.map { "u\($0)" }.filter { partitions.contains(KafkaPartitioner.partition(of: $0, among: 3)) }.prefix(count))
    }

    private func append(_ users: [String], accounts: [String], to outbox: SQLiteOutbox) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in users { group.addTask { try await outbox.append(user: user, accounts: accounts) } }
            try await group.waitForAll()
        }
    }

    @Test("publishes everybody else's events, with more waiting than memory holds, and all of them once it has one, each user's in order")
    func leaderless() async throws {
        let sick = users([0], 5000)
        let well = users([1, 2], 300)
        try relay.broker.setLeader(TestRelay.topic, partition: 0, broker: -1)
        try await relay.run { outbox, _ in
            try await append(sick, accounts: ["a"], to: outbox)
            try await append(Array(sick.prefix(100)), accounts: ["a", "b"], to: outbox)
            let clock = ContinuousClock()
            let began = clock.now
            try await append(well, accounts: ["a"], to: outbox)
            try await append(well, accounts: ["a", "b"], to: outbox)
            try await outbox.until { $0.published == 600 }
            #expect(clock.now - began < .seconds(5), "\(clock.now - began)")
            #expect(outbox.status.pending == 5100)
        }
        // After a restart it reads past them.
        try await relay.run { outbox, _ in
            try await append(well, accounts: ["a", "b", "c"], to: outbox)
            try await outbox.until { $0.published == 900 }
            #expect(outbox.status.pending == 5100)
            try relay.broker.setLeader(TestRelay.topic, partition: 0, broker: 1)
            try await outbox.until { $0.pending == 0 }
        }
        let records = try await relay.records()
        #expect(Set(records.compactMap { $0.header("ce_id") }).count == 6000)
        let order = Dictionary(grouping: records, by: \.user).mapValues { $0.sorted { $0.offset < $1.offset }.map { $0.value?.count ?? 0 } }
        #expect(order.values.allSatisfy { $0 == $0.sorted() })
    }

    @Test("carries on with a replay of everybody else's events")
    func replay() async throws {
        let sick = users([0], 400)
        let well = users([1, 2], 600)
        try await relay.run { outbox, _ in
            for (one, other) in zip(sick, well) { try await append([one, other], accounts: ["a"], to: outbox) }
            try await append(Array(well[400...]), accounts: ["a"], to: outbox)
            try await outbox.until { $0.pending == 0 }
        }
        // The embedded broker crashes on a record for a partition that has lost its leader since its client has looked.
        try relay.broker.setLeader(TestRelay.topic, partition: 0, broker: -1)
        try await relay.run { outbox, publisher in
            let ordered = try await outbox.order()
            publisher.wakeReplays()
            while try await outbox.replay(ordered.id)?.done ?? 0 < 600, !Task.isCancelled {}
            try relay.broker.setLeader(TestRelay.topic, partition: 0, broker: 1)
            let done = try await outbox.finished(ordered.id)
            #expect(done.done == 1000 && done.failed == 0 && done.gone == 0)
        }
        let again = try await relay.records().filter { $0.header("relay-replay") != nil }
        #expect(again.count == 1000 && Set(again.compactMap { $0.header("ce_id") }).count == 1000)
    }
}
