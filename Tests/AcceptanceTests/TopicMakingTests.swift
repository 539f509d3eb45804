import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a Kafka that makes topics for whoever asks", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct TopicMakingTests {
        private func topics(of cluster: KafkaCluster) async throws -> [String] {
            let listed = try await cluster.tool("kafka-topics.sh", ["--bootstrap-server", cluster.bootstrapServers[0], "--list"])
            #expect(listed.status == 0, "\(listed.errors)")
            return listed.output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("__") }
        }

        @Test("is not made to by a relay that must not, whichever command; what waits flows once somebody makes the topic")
        func waits() async throws {
            try await withKafka(try await KafkaCluster(properties: ["auto.create.topics.enable=true"])) { cluster in
                let settings = ["kafka.create_topics": "false", "outbox.retry.max_delay": "500ms"]
                let operated = try OperatedPlace(cluster, settings)
                try await withRelay(operated.place) { relay in
                    for body in SampleUser(1).bodies(revisions: 3) {
                        #expect(try await Curl.deliver(body, to: relay.deliveries).status == 200)
                    }
                    #expect(try await eventually { relay.log.contains("publishing fails") }, "\(relay.log.suffix(2000))")
                    let doctor = try await operated.command("doctor")
                    #expect(doctor.output.contains("it is missing"), "\(doctor.output)")
                    #expect(try await operated.command("tail", "--once").status == 75)
                    #expect(try await topics(of: cluster) == [])
                    #expect(try await relay.metric("outbox_pending") == 3)

                    try await makeTopics(TopicContent.events, on: cluster.bootstrapServers)
                    #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(3000))")
                    #expect(try await TopicContent(on: cluster.bootstrapServers).revisions == [SampleUser(1).id: [1, 2, 3]])
                    #expect(try await topics(of: cluster) == [TopicContent.events])
                }
            }
        }

        @Test("has topics made with the partitions that are configured by a relay that may")
        func makes() async throws {
            try await withKafka(try await KafkaCluster(properties: ["auto.create.topics.enable=true", "num.partitions=1"])) { cluster in
                let operated = try OperatedPlace(cluster, ["kafka.create_topics": "true", "kafka.partitions": "4"])
                try await withRelay(operated.place) { relay in
                    #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                    #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(3000))")
                    let described = try await cluster.tool(
                        "kafka-topics.sh",
                        ["--bootstrap-server", cluster.bootstrapServers[0], "--describe", "--topic", TopicContent.events]
                    )
                    #expect(described.output.contains("PartitionCount: 4"), "\(described.output)")
                }
            }
        }
    }
}
