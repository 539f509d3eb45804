import RelayKafka
import Testing

@Suite("producer", .timeLimit(.minutes(1)))
struct KafkaProducerTests {
    @Test("a record is reported as published with its partition and offset")
    func publishes() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        for token in 0..<100 { #expect(producer.publish(.plain(Int64(token))) == .enqueued) }
        let reports = await log.reports(100)
        #expect(reports == (0..<100).map { DeliveryReport(token: $0, outcome: .published(partition: 0, offset: $0)) })
        producer.close()
        broker.close()
    }
}
