import RelayKafka
import Testing

@Suite("EmbeddedBroker", .timeLimit(.minutes(1)))
struct EmbeddedBrokerTests {
    @Test("it listens on loopback only, one address a broker")
    func addresses() throws {
        let broker = try EmbeddedBroker(brokers: 3)
        defer { broker.close() }
        #expect(broker.bootstrapServers.count == 3)
        #expect(broker.bootstrapServers.allSatisfy { $0.hasPrefix("127.0.0.1:") })
    }

    @Test("commands after close() throw, and closing twice does nothing")
    func closed() throws {
        let broker = try EmbeddedBroker()
        broker.close()
        broker.close()
        #expect(throws: KafkaError(code: "closed", detail: "the client has been closed")) { try broker.createTopic("t", partitions: 1) }
    }

    @Test("it may go before its clients, and they can still be closed")
    func outlived() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        _ = producer.publish(.plain(1))
        _ = await log.reports(1)
        broker.close()
        _ = producer.publish(.plain(2))
        await blocking { producer.close() }
        #expect(log.reports.map(\.token) == [1, 2])
    }

    @Test("bad numbers throw", arguments: [0, -1])
    func impossible(partitions: Int) throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        #expect(throws: KafkaError.self) { try broker.createTopic("t", partitions: partitions) }
        #expect(throws: KafkaError.self) { try EmbeddedBroker(brokers: partitions).close() }
    }
}
