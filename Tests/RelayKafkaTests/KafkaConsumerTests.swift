import RelayKafka
import RelayTestSupport
import Testing

@Suite("KafkaConsumer", .timeLimit(.minutes(1)))
struct KafkaConsumerTests {
    let broker: EmbeddedBroker
    let log = ReportLog()
    let producer: KafkaProducer

    init() throws {
        broker = try EmbeddedBroker()
        try broker.createTopic("a", partitions: 2)
        try broker.createTopic("b", partitions: 3)
        producer = try log.producer(broker.settings)
    }

    private func publish(_ range: Range<Int>, topic: String) async {
        let before = log.reports.count
        _ = producer.publish(range.map { .plain(Int64($0), topic: topic, key: "\($0)", value: "\($0)") })
        _ = await log.reports(before + range.count)
    }

    private func consumer(_ topics: [String], from start: KafkaConsumer.Start) async throws -> KafkaConsumer {
        try await blocking { [broker] in
            try KafkaConsumer(settings: broker.settings, topics: topics, from: start, timeout: .seconds(10))
        }
    }

    private func close() {
        producer.close()
        broker.close()
    }

    @Test("reading from the beginning yields every record of every topic, and then each partition's end")
    func beginning() async throws {
        defer { close() }
        await publish(0..<300, topic: "a")
        await publish(300..<600, topic: "b")
        let consumer = try await consumer(["a", "b"], from: .beginning)
        #expect(consumer.partitionCount == 5)
        let records = try await consumer.readToEnd()
        #expect(Set(records.compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) }) == Set(0..<600))
        #expect(records.count == 600)
        #expect(Set(records.map(\.topic)) == ["a", "b"])
        consumer.close()
    }

    @Test("reading from the end misses nothing that is published after init returned, and yields nothing older")
    func end() async throws {
        defer { close() }
        await publish(0..<50, topic: "a")
        let consumer = try await consumer(["a"], from: .end)
        await publish(50..<100, topic: "a")
        let values = try await consumer.readToEnd().compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) }
        #expect(values.sorted() == Array(50..<100))
        consumer.close()
    }

    @Test("a missing topic is named in the error")
    func missing() async throws {
        defer { close() }
        try broker.setTopicError("nowhere", 3)
        await #expect {
            try await consumer(["a", "nowhere"], from: .beginning)
        } throws: { error in
            (error as? KafkaError)?.code == "unknown_topic_or_part" && "\(error)".contains("nowhere")
        }
    }

    @Test("without a broker init fails within its timeout")
    func noBroker() async throws {
        defer { close() }
        let took = await blocking {
            ContinuousClock().measure {
                #expect(throws: KafkaError.self) {
                    try KafkaConsumer(
                        settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]),
                        topics: ["a"],
                        from: .end,
                        timeout: .milliseconds(500)
                    )
                }
            }
        }
        #expect(took < .seconds(3))
    }

    @Test("close() ends a read that waits, and later reads say that it is closed")
    func closing() async throws {
        defer { close() }
        let consumer = try await consumer(["a"], from: .end)
        _ = try await consumer.readToEnd()
        async let waited = blocking { ContinuousClock().measure { _ = try? consumer.read(maximum: 10, timeout: .seconds(30)) } }
        await blocking { consumer.close() }
        #expect(await waited < .seconds(10))
        #expect(throws: KafkaError(code: "closed", detail: "the client has been closed")) {
            try consumer.read(maximum: 1, timeout: .zero)
        }
        consumer.close()
    }

    @Test("a read holds at most as many readings as asked for")
    func maximum() async throws {
        defer { close() }
        await publish(0..<20, topic: "a")
        let consumer = try await consumer(["a"], from: .beginning)
        let first = try await blocking { try consumer.read(maximum: 3, timeout: .seconds(10)) }
        #expect(first.count <= 3)
        #expect(!first.isEmpty)
        consumer.close()
    }
}
