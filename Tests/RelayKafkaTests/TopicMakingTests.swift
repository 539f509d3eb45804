import RelayKafka
import RelayTestSupport
import Testing

/// What only brokers show that make topics for whoever asks.
@Suite("a missing topic", .enabled(if: KafkaCluster.isAvailable), .serialized, .timeLimit(.minutes(1)))
struct TopicMakingTests {
    @Test("is made by no client of ours that was not told to: neither by sending nor by probing, describing, reading or asking for rights")
    func never() async throws {
        try await KafkaCluster.run(properties: ["auto.create.topics.enable=true"]) { cluster in
            let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
            let log = ReportLog()
            let producer = try log.producer(settings)
            #expect(producer.publish(.plain(1, topic: "sent")) == .enqueued)
            // As early as can be: while librdkafka itself is still asking after the topic.
            for _ in 0..<20 { _ = await blocking { producer.probe(timeout: .seconds(5)) } }
            guard case .retry("unknown_topic_or_part", _) = await log.reports(1).first?.outcome else {
                return #expect(Bool(false), "\(log.reports)")
            }
            let admin = try TopicAdmin(settings: settings)
            try await blocking {
                _ = try admin.describe(["described"], timeout: .seconds(10))
                _ = try admin.brokers(timeout: .seconds(10))
            }
            _ = try await blocking { try WriteProbe.ask(settings, topic: "asked", timeout: .seconds(3)) }
            await #expect(throws: KafkaError.self) {
                try await blocking { try KafkaConsumer(settings: settings, topics: ["read"], from: .end, timeout: .seconds(5)) }
            }
            let listed = try await cluster.tool("kafka-topics.sh", ["--bootstrap-server", cluster.bootstrapServers[0], "--list"])
            #expect(listed.status == 0 && listed.output.split(separator: "\n").isEmpty, "\(listed.output) \(listed.errors)")

            _ = try await blocking { try admin.create([NewTopic(name: "sent", partitions: 1)], timeout: .seconds(20)) }
            _ = await blocking { producer.probe(timeout: .seconds(10)) }
            #expect(producer.publish(.plain(2, topic: "sent")) == .enqueued)
            #expect(await log.reports(2).last?.outcome.isPublished == true)
            await blocking {
                producer.close()
                admin.close()
            }
        }
    }
}
