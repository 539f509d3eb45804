import RelayCore
import RelayKafka
import Testing

@Suite("A large record", .timeLimit(.minutes(1)))
struct RecordSizeTests {
    private func message(_ size: Int) -> KafkaMessage {
        KafkaMessage(topic: "t", key: [1], value: [UInt8](repeating: 0x2E, count: size), timestamp: 1_700_000_000_000, token: 1)
    }

    @Test("that only librdkafka's own limit keeps out says so, and no broker is blamed")
    func local() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        let settings = KafkaSettings(bootstrapServers: broker.bootstrapServers, properties: [("message.max.bytes", "5000")])
        let producer = try ReportLog().producer(settings)
        guard case .rejected(.dead("msg_size_too_large", let detail)) = producer.publish(message(6000)) else {
            return #expect(Bool(false), "it was taken")
        }
        #expect(detail.contains("librdkafka's message.max.bytes (5000)") && detail.contains("6001 bytes"), "\(detail)")
        #expect(detail.contains("Kafka was not asked"))
        await blocking { producer.close() }
    }

    @Test("is told as the broker's refusal where a broker refuses it")
    func broker() {
        guard case .dead("msg_size_too_large", let detail) = PublishOutcome.failed(code: 10) else {
            return #expect(Bool(false), "not dead")
        }
        #expect(detail.contains("the broker refuses it") && detail.contains("max.message.bytes of its topic"))
    }

    @Test("fits into librdkafka's limit and its queue, whatever limit an operator sets", arguments: [nil, "400000000"])
    func queue(limit: String?) async throws {
        let properties = limit.map { [("message.max.bytes", $0)] } ?? []
        let producer = try ReportLog().producer(KafkaSettings(bootstrapServers: ["127.0.0.1:1"], properties: properties))
        let size = limit == nil ? RecordLimits.library - 1024 : 300 << 20
        #expect(producer.publish(message(size)) == .enqueued)
        await blocking { producer.close() }
    }
}
