import RelayCore
import RelayKafka
import RelayOutbox
import Synchronization
import Testing

@testable import RelayPublisher

@Suite("Rearranging what waits", .timeLimit(.minutes(1)))
struct RearrangingTests {
    private static let wrong = "wrong"
    private let relay: TestRelay

    init() throws {
        relay = try TestRelay()
        try relay.broker.createTopic(Self.wrong, partitions: 1)
        // librdkafka takes records for it, and tells of none.
        try relay.broker.setLeader(Self.wrong, partition: 0, broker: -1)
    }

    private func order(_ user: String) async throws -> [String] {
        try await relay.records().filter { $0.user == user }.sorted { $0.offset < $1.offset }.compactMap { $0.header("ce_id") }
    }

    @Test("gives what librdkafka holds for a topic another one, and every user's events leave once and in order")
    func reroute() async throws {
        let (wrong, right) = (try TopicName.named(Self.wrong), try TopicName.named(TestRelay.topic))
        try await relay.run(topic: Self.wrong) { outbox, publisher in
            for number in 0..<30 { try await outbox.append(user: "u\(number % 3)", accounts: (0...number / 3).map { "a\($0)" }) }
            while publisher.countOnItsWay(to: wrong) < 3 { _ = try await outbox.topicsPending() }
        }
        try await relay.run { outbox, publisher in
            while publisher.countOnItsWay(to: wrong) < 3 { _ = try await outbox.topicsPending() }
            try await outbox.append(user: "new", accounts: ["a"])
            let report = try await publisher.reroute(from: wrong, to: [right]) { () throws(OutboxError) in
                try await outbox.reroute(from: wrong)
            }
            #expect(report.waiting == 30)
            try await outbox.append(user: "u0", accounts: (0...10).map { "a\($0)" })
            try await outbox.until { $0.pending == 0 }
            #expect(outbox.status.published == 32)
            for user in ["u0", "u1", "u2"] {
                var filter = OutboxFilter()
                filter.user = UserID(user)
                let accepted = try await outbox.events(EventQuery(filter: filter, newestFirst: false)).events.map(\.id.description)
                #expect(try await order(user) == accepted)
            }
        }
        #expect(try await relay.records().count == 32)
    }

    @Test("does not give up an entry that is on its way, nor do two things at once; what is behind it can be given up")
    func withdraw() async throws {
        let wrong = try TopicName.named(Self.wrong)
        try await relay.run(topic: Self.wrong) { outbox, publisher in
            try await outbox.append(user: "u", accounts: ["a"])
            try await outbox.append(user: "u", accounts: ["a", "b"])
            while publisher.countOnItsWay(to: wrong) < 1 { _ = try await outbox.topicsPending() }
            let ids = try await outbox.events(EventQuery(newestFirst: false)).events.map(\.id)
            await #expect(throws: RearrangingFault.onItsWay) {
                try await publisher.withdraw(1, of: wrong) { () throws(OutboxError) in .success(()) }
            }
            let nested = try await publisher.withdraw(2, of: wrong) { () throws(OutboxError) in
                do throws(RearrangingFault) {
                    _ = try await publisher.withdraw(2, of: wrong) { () throws(OutboxError) in .success(()) }
                    return .success(())
                } catch { return error == .busy ? .failure(.unknown) : .success(()) }
            }
            guard case .failure(.unknown) = nested else { return #expect(Bool(false), "\(nested)") }
            let result = try await publisher.withdraw(2, of: wrong) { () throws(OutboxError) in
                try await outbox.discard(ids[1], reason: "r", evenIfWaiting: true)
            }
            guard case .success = result else { return #expect(Bool(false), "\(result)") }
            try relay.broker.setLeader(Self.wrong, partition: 0, broker: 1)
            try await outbox.until { $0.pending == 0 }
            #expect(outbox.status.published == 1 && outbox.status.discarded == 1)
        }
        #expect(try await relay.records(in: Self.wrong).count == 1)
    }

    @Test("what an old producer never told of leaves again with the new one")
    func lost() async throws {
        let topic = try TopicName.named(TestRelay.topic)
        try await relay.run { outbox, publisher in
            try await outbox.append(user: "before", accounts: ["a"])
            try await outbox.until { $0.pending == 0 }
            let deaf = try KafkaProducer(
                settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]),
                onReports: { _ in },
                onEvent: { _ in }
            )
            let old = publisher.producer.withLock { producer in
                defer { producer = deaf }
                return producer
            }
            await blocking { old?.close() }
            for number in 0..<3 { try await outbox.append(user: "u\(number)", accounts: ["a"]) }
            while publisher.countOnItsWay(to: topic) < 3 { _ = try await outbox.topicsPending() }
            publisher.state.withLock { $0.isBroken = true }
            publisher.wake()
            try await outbox.until { $0.pending == 0 }
        }
        #expect(try await relay.records().count == 4)
    }

    @Test("leaves no lane that counts as failing for what is not there any more")
    func lane() throws {
        var lane = Lane(window: Lane.Window(entries: 10, bytes: 1 << 20))
        let bounds = BackOff.Bounds(initial: .seconds(1), maximum: .seconds(1))
        #expect(lane.readRequest() != nil)
        lane.supplied([try SampleEntry.sync(1), try SampleEntry.sync(2), try SampleEntry.sync(3, user: "user-2")], limit: 9)
        #expect(lane.departures(at: .zero).map(\.sequence) == [1, 3])
        lane.withhold()
        #expect(lane.readRequest() == nil && lane.departures(at: .seconds(9)).isEmpty)
        // A read that was under way, and entries that come meanwhile.
        lane.handOver([try SampleEntry.sync(4)])
        lane.supplied([try SampleEntry.sync(2)], limit: 5)
        _ = lane.arrived(1, .retry(code: "c", detail: "d"), at: .zero, within: bounds, random: 1)
        lane.resume()
        #expect(lane.readRequest()?.after == 0)
        lane.supplied([try SampleEntry.sync(1), try SampleEntry.sync(2), try SampleEntry.sync(3, user: "user-2")], limit: 9)
        // 3 is on its way still, and must not leave twice.
        #expect(lane.departures(at: .seconds(9)).isEmpty)
        _ = lane.arrived(3, .published(partition: 0, offset: 0), at: .seconds(9), within: bounds, random: 1)
        #expect(lane.departures(at: .seconds(9)).map(\.sequence) == [1])
        _ = lane.arrived(1, .retry(code: "c", detail: "d"), at: .seconds(9), within: bounds, random: 1)
        lane.withhold()
        lane.resume()
        #expect(!lane.isFailing && lane.nextAttempt == nil)
        #expect(lane.readRequest() != nil)
    }
}

extension Publisher {
    fileprivate func countOnItsWay(to topic: TopicName) -> Int { state.withLock { $0.lanes[topic]?.inFlightCount ?? 0 } }
}
