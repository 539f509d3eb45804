import RelayTestSupport
import Testing

@testable import RelayKafka

@Suite("KafkaProducer", .timeLimit(.minutes(1)))
struct KafkaProducerTests {
    @Test("a record is read back with its key, value, headers and timestamp, at the place it was reported at")
    func roundTrip() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 3)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        let headers = [KafkaHeader(name: "ce_id", text: "1"), KafkaHeader(name: "empty", value: []), KafkaHeader(name: "ce_id", text: "2")]
        let messages = [
            KafkaMessage(
                topic: "t",
                key: Array("user".utf8),
                value: [0, 1, 255],
                headers: headers,
                timestamp: 1_700_000_000_123,
                token: 7
            ),
            KafkaMessage(topic: "t", key: nil, value: Array("keyless".utf8), timestamp: 1_700_000_000_124, token: -8),
            KafkaMessage(topic: "t", key: [], value: [], timestamp: 1_700_000_000_125, token: .max),
        ]
        let (taken, refusals) = producer.publish(messages)
        #expect(taken == 3)
        #expect(refusals.isEmpty)
        let reports = await log.reports(3)
        #expect(Set(reports.map(\.token)) == [7, -8, .max])
        let records = try await broker.settings.records(in: "t")
        #expect(records.count == 3)
        for message in messages {
            let report = try #require(reports.first { $0.token == message.token })
            let record = try #require(records.first { $0.timestamp == message.timestamp })
            #expect(report.outcome == .published(partition: record.partition, offset: record.offset))
            #expect(record.key == message.key)
            #expect(record.value == message.value)
            #expect(record.headers == message.headers)
        }
    }

    @Test("nothing is reported while the broker is down, and everything once it is up, with the same producer")
    func outage() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        #expect(producer.publish(.plain(1)) == .enqueued)
        _ = await log.reports(1)
        try broker.goDown()
        await log.wait { _, events in events.contains { if case .error("all_brokers_down", _) = $0 { true } else { false } } }
        for token in 2...50 { #expect(producer.publish(.plain(Int64(token))) == .enqueued) }
        #expect(await blocking { producer.flush(timeout: .milliseconds(500)) } == false)
        #expect(log.reports.count == 1)
        try broker.comeUp()
        let reports = await log.reports(50)
        #expect(reports.map(\.token) == (1...50).map { $0 })
        #expect(reports.map(\.outcome) == (0..<50).map { .published(partition: 0, offset: $0) })
    }

    @Test("a producer that starts before its broker delivers once there is one")
    func lateBroker() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        try broker.goDown()
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        #expect(producer.publish(.plain(1)) == .enqueued)
        #expect(await blocking { producer.flush(timeout: .milliseconds(300)) } == false)
        #expect(log.reports.isEmpty)
        try broker.comeUp()
        #expect(await log.reports(1).first?.outcome.isPublished == true)
    }

    @Test(
        "a record that every broker refuses as too large is dead, and only then",
        arguments: [(Int32(10), "msg_size_too_large"), (87, "invalid_record")]
    )
    func dead(code: Int32, name: String) async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings, sent: [.plain(1)])
        defer { producer.close() }
        // Once in its batch, once alone.
        try broker.fail(.produce, with: [code, code])
        #expect(producer.publish(.plain(1)) == .enqueued)
        let first = await log.reports(1)
        guard case .dead(name, _) = first.first?.outcome else { return #expect(Bool(false), "\(first)") }
        #expect(producer.publish(.plain(2)) == .enqueued)
        #expect(await log.reports(2).last?.outcome.isPublished == true)
        #expect(try await broker.settings.records(in: "t").count == 1)
    }

    @Test(
        "records that were refused only for the company they were in are published alone, each once, whole and with its time",
        arguments: [(Int32(10), true), (32, false)]
    )
    func isolation(code: Int32, kills: Bool) async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let messages = (1...20).map { KafkaMessage.plain($0, key: "k", value: "v\($0)") }
        let producer = try log.producer(broker.settings, sent: messages)
        defer { producer.close() }
        // The batch fails; of its records, sent alone, the first fails too.
        try broker.fail(.produce, with: [code, code])
        _ = producer.publish(messages)
        let reports = await log.reports(20)
        #expect(reports.filter { $0.outcome.isPublished }.count == 19)
        #expect(Set(reports.map(\.token)).count == 20)
        switch reports.first(where: { !$0.outcome.isPublished })?.outcome {
        case .dead: #expect(kills)
        case .retry("invalid_timestamp", _): #expect(!kills)
        default: #expect(Bool(false), "\(reports)")
        }
        let records = try await broker.settings.records(in: "t")
        let values = records.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        #expect(values.count == 19)
        #expect(Set(values).count == 19)
        #expect(records.allSatisfy { $0.timestamp == messages[0].timestamp && $0.key == messages[0].key })
    }

    @Test("what was refused in company and cannot be had again is a retry, never dead")
    func notRecalled() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        try broker.fail(.produce, with: [10])
        #expect(producer.publish(.plain(1)) == .enqueued)
        let first = await log.reports(1)
        guard case .retry("msg_size_too_large", _) = first.first?.outcome else { return #expect(Bool(false), "\(first)") }
    }

    @Test("a record above message.max.bytes is refused as dead before it leaves")
    func tooLargeForTheClient() throws {
        let log = ReportLog()
        let producer = try log.producer(KafkaSettings(bootstrapServers: ["127.0.0.1:1"], properties: [("message.max.bytes", "2000")]))
        defer { producer.close() }
        let large = KafkaMessage(topic: "t", key: nil, value: Array(repeating: 1, count: 3000), timestamp: 0, token: 1)
        guard case .rejected(.dead("msg_size_too_large", _)) = producer.publish(large) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("a producer that is full says so, takes records again after its reports, and loses none")
    func full() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        try broker.goDown()
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        let messages = (0..<100_010).map { KafkaMessage.plain(Int64($0)) }
        let (taken, refusals) = producer.publish(messages)
        #expect(taken == 100_000)
        #expect(refusals.map(\.position) == [100_000])
        #expect(refusals.map(\.result) == [.full])
        #expect(producer.publish(messages[taken]) == .full)
        try broker.comeUp()
        _ = await log.reports(100_000)
        #expect(producer.publish(messages[taken...]).taken == 10)
        #expect(await log.reports(100_010).map(\.token) == (0..<100_010).map { $0 })
    }

    @Test("a topic that is not authorised makes a retry, and the next attempt succeeds once it is")
    func notAuthorised() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        try broker.fail(.produce, with: [29])
        #expect(producer.publish(.plain(1)) == .enqueued)
        let first = await log.reports(1)
        guard case .retry("topic_authorization_failed", _) = first.first?.outcome else { return #expect(Bool(false), "\(first)") }
        // librdkafka refuses the topic until it has asked again.
        _ = await blocking { producer.probe(timeout: .seconds(10)) }
        #expect(producer.publish(.plain(1)) == .enqueued)
        #expect(await log.reports(2).last?.outcome.isPublished == true)
    }

    @Test("a missing topic makes a retry within seconds, and the next attempt succeeds once it is there")
    func missingTopic() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        // UNKNOWN_TOPIC_OR_PART: the embedded broker makes topics by itself otherwise.
        try broker.setTopicError("t", 3)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        #expect(producer.publish(.plain(1)) == .enqueued)
        let first = await log.reports(1)
        guard case .retry(let code, _) = first.first?.outcome else { return #expect(Bool(false), "\(first)") }
        #expect(["unknown_topic", "unknown_topic_or_part"].contains(code))
        try broker.setTopicError("t", 0)
        _ = await blocking { producer.probe(timeout: .seconds(10)) }
        #expect(producer.publish(.plain(1)) == .enqueued)
        #expect(await log.reports(2).last?.outcome.isPublished == true)
    }

    @Test("after a fatal error each record is reported as fatal once, and a rebuilt producer delivers them")
    func fatal() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        try broker.goDown()
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        for token in 0..<10 { #expect(producer.publish(.plain(Int64(token))) == .enqueued) }
        producer.drillFatal(reason: "a drill")
        await log.wait { _, events in events.contains { if case .fatal("out_of_order_sequence_number", _) = $0 { true } else { false } } }
        let reports = await log.reports(10)
        #expect(reports.map(\.token).sorted() == (0..<10).map { $0 })
        #expect(reports.allSatisfy { if case .fatal = $0.outcome { true } else { false } }, "\(reports)")
        guard case .rejected(.fatal("fatal", _)) = producer.publish(.plain(10)) else {
            return #expect(Bool(false), "a broken producer took a record")
        }
        await blocking { producer.close() }
        #expect(log.reports.count == 10)

        try broker.comeUp()
        let second = ReportLog()
        let rebuilt = try second.producer(broker.settings)
        defer { rebuilt.close() }
        for report in reports { #expect(rebuilt.publish(.plain(report.token)) == .enqueued) }
        #expect(await second.reports(10).allSatisfy { $0.outcome.isPublished })
    }

    @Test("one key keeps its order through retriable errors and broken connections, and nothing is written twice")
    func order() async throws {
        let broker = try EmbeddedBroker(brokers: 2)
        defer { broker.close() }
        try broker.createTopic("t", partitions: 4, replicas: 2)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        for round in 0..<20 {
            // NOT_ENOUGH_REPLICAS, NOT_LEADER_FOR_PARTITION, REQUEST_TIMED_OUT
            if round % 10 == 1 { try broker.fail(.produce, with: [19, 6, 7]) }
            _ = producer.publish((0..<50).map { .plain(Int64(round * 50 + $0), key: "user", value: "\(round * 50 + $0)") })
        }
        let reports = await log.reports(1000)
        #expect(reports.allSatisfy { $0.outcome.isPublished })
        let values = try await broker.settings.records(in: "t").compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) }
        #expect(values == Array(0..<1000))
    }

    @Test("a key lands where Java's murmur2 puts it")
    func partitions() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 7)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        let keys = ["", "a", "ab", "abc", "abcd", "0187c66e-e7e5-811c-b006-2232f00f426a", "ünï", "foobar"] + (0..<200).map { "user-\($0)" }
        _ = producer.publish(keys.enumerated().map { .plain(Int64($0.offset), key: $0.element) })
        #expect(await blocking { producer.partitionCount(of: "t", timeout: .seconds(5)) } == 7)
        for report in await log.reports(keys.count) {
            guard case .published(let partition, _) = report.outcome else { return #expect(Bool(false), "\(report)") }
            let hash = murmur2(Array(keys[Int(report.token)].utf8))
            #expect(partition == Int32(bitPattern: hash & 0x7fff_ffff) % 7)
            #expect(partition == KafkaPartitioner.partition(of: keys[Int(report.token)], among: 7))
        }
    }

    @Test("a probe tells the brokers, and says what is wrong when there are none")
    func probe() async throws {
        let broker = try EmbeddedBroker(brokers: 3)
        defer { broker.close() }
        let producer = try ReportLog().producer(broker.settings)
        defer { producer.close() }
        let up = await blocking { producer.probe(timeout: .seconds(10)) }
        guard case .reachable(3, _) = up else { return #expect(Bool(false), "\(up)") }
        try broker.goDown()
        guard case .failed(let code, let detail) = await blocking({ producer.probe(timeout: .seconds(1)) }) else {
            return #expect(Bool(false), "reached a broker that is down")
        }
        #expect(["transport", "all_brokers_down", "timed_out"].contains(code), "\(code) \(detail)")
    }

    @Test("a probe waits longer for a broker that is slow, and never longer at once where there is none")
    func slices() async throws {
        let producer = try ReportLog().producer(KafkaSettings(bootstrapServers: ["127.0.0.1:1"]))
        guard case .failed("transport", _) = await blocking({ producer.ask(timeout: .milliseconds(100)) }) else {
            return #expect(Bool(false), "where there is no broker the failure is another")
        }
        await blocking { producer.close() }
        #expect(KafkaProducer.slice(after: KafkaProducer.firstSlice, failedWith: "timed_out") == .seconds(1))
        #expect(KafkaProducer.slice(after: .seconds(1), failedWith: "timed_out") == .seconds(2))
        #expect(KafkaProducer.slice(after: KafkaProducer.firstSlice, failedWith: "transport") == .milliseconds(500))
    }
}

/// Kafka's `Utils.murmur2` (clients/src/main/java/org/apache/kafka/common/utils/Utils.java).
func murmur2(_ data: [UInt8]) -> UInt32 {
    let m: UInt32 = 0x5bd1_e995
    var h: UInt32 = 0x9747_b28c ^ UInt32(data.count)
    for block in 0..<data.count / 4 {
        var k = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[block * 4 + $1]) << (8 * $1) }
        k = k &* m
        k ^= k >> 24
        h = h &* m ^ (k &* m)
    }
    let tail = data.suffix(data.count % 4)
    if !tail.isEmpty {
        for (index, byte) in tail.enumerated() { h ^= UInt32(byte) << (8 * index) }
        h = h &* m
    }
    h ^= h >> 13
    h = h &* m
    return h ^ h >> 15
}
