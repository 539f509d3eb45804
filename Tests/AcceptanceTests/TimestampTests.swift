import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("the timestamps of records", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct TimestampTests {
        @Test("of batches that the topic does not take are each one's time of receipt")
        func smallTopic() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                try await make(TopicContent.events, ["max.message.bytes=2000"], on: cluster)
                try await withRelay(try RelayPlace(cluster)) { relay in
                    let users = (0..<200).map { SampleUser($0).bodies(revisions: 1) }
                    #expect(try await LoadGenerator(relay.deliveries).send(users: users, connections: 64).statuses == [200: 200])
                    #expect(try await relay.isPublished(within: .seconds(20)), "\(relay.log.suffix(2000))")
                    let topic = try await TopicContent(on: cluster.bootstrapServers)
                    #expect(topic.records.count == 200)
                    #expect(topic.records.allSatisfy { $0.timestamp == receipt($0) })
                }
            }
        }

        @Test("of a clock two hours ahead are refused: nothing dies, the log names the clock, and all flows once it is right")
        func clockAhead() async throws {
            let shim = try await FaultShim()
            shim.wallClockOffset = .seconds(7200)
            try await withKafka(try await KafkaCluster()) { cluster in
                try await makeTopics(TopicContent.events, "argyle.dead-letter", on: cluster.bootstrapServers)
                let place = try RelayPlace(cluster, ["kafka.create_topics": "false", "outbox.retry.max_delay": "2s"])
                defer { place.folder.remove() }
                let relay = try await RelayProcess(place, environment: shim.environment)
                let users = (0..<50).map { SampleUser($0).bodies(revisions: 2) }
                #expect(try await LoadGenerator(relay.deliveries).send(users: users, connections: 16).statuses == [200: 100])
                #expect(try await eventually { relay.log.contains("this machine's clock is ahead of the broker's") }, "\(relay.log)")
                #expect(try await relay.metric("outbox_dead") == 0)
                #expect(try await relay.metric("outbox_pending") == 100)
                shim.wallClockOffset = .zero
                #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(2000))")
                #expect(try await relay.metric("outbox_dead") == 0)
                let topic = try await TopicContent(on: cluster.bootstrapServers)
                #expect(topic.revisions.count == 50 && topic.revisions.values.allSatisfy { $0 == [1, 2] })
                let now = Int64(Date().timeIntervalSince1970 * 1000)
                for record in topic.records {
                    let timestamp = try #require(record.timestamp)
                    #expect((now - 60_000...now + 1000).contains(timestamp))
                }
                #expect(await relay.end() == 0)
            }
        }

        @Test("older than kafka.max_timestamp_age are the time of publishing: the topic's retention does not delete a late backlog")
        func lateBacklog() async throws {
            let shim = try await FaultShim()
            shim.wallClockOffset = .seconds(-7200)
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            defer { place.folder.remove() }
            let early = try await RelayProcess(place, environment: shim.environment)
            let users = (0..<50).map { SampleUser($0).bodies(revisions: 2) }
            #expect(try await LoadGenerator(early.deliveries).send(users: users, connections: 16).statuses == [200: 100])
            #expect(await early.end() == 0)

            let sweeps = ["log.retention.check.interval.ms=500", "log.initial.task.delay.ms=500"]
            try await withKafka(try await KafkaCluster(properties: sweeps)) { cluster in
                let short = ["retention.ms=60000", "file.delete.delay.ms=100"]
                try await make(TopicContent.events, short, on: cluster)
                try await make("old", short, on: cluster)
                let server = "[\(cluster.bootstrapServers.joined(separator: ","))]"
                try place.configure(["kafka.bootstrap_servers": server, "kafka.create_topics": "true"])
                let relay = try await RelayProcess(place)
                #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(2000))")
                // What a sweep deletes is gone from the other topic when it is over.
                try await sendOld(to: "old", on: cluster)
                #expect(
                    try await eventually(every: .milliseconds(300)) {
                        try await TopicContent("old", on: cluster.bootstrapServers).records.isEmpty
                    }
                )
                let now = Int64(Date().timeIntervalSince1970 * 1000)
                let topic = try await TopicContent(on: cluster.bootstrapServers)
                #expect(topic.records.count == 100 && topic.revisions.values.allSatisfy { $0 == [1, 2] })
                for record in topic.records {
                    #expect((now - 60_000...now + 1000).contains(try #require(record.timestamp)))
                    #expect((try #require(receipt(record))) < now - 7_000_000)
                }
                await relay.end()
            }
        }

        private func sendOld(to topic: String, on cluster: KafkaCluster) async throws {
            let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
            let isSent = try await blocking {
                let producer = try KafkaProducer(settings: settings, onReports: { _ in }, onEvent: { _ in })
                let old = Int64(Date().timeIntervalSince1970 * 1000) - 7_200_000
                _ = producer.publish((0..<10).map { KafkaMessage(topic: topic, key: nil, value: [1], timestamp: old, token: $0) })
                defer { producer.close() }
                return producer.flush(timeout: .seconds(10))
            }
            #expect(isSent)
        }

        private func make(_ topic: String, _ settings: [String], on cluster: KafkaCluster) async throws {
            let options = ["--bootstrap-server", cluster.bootstrapServers[0], "--create", "--topic", topic, "--partitions", "3"]
            let made = try await cluster.tool("kafka-topics.sh", options + settings.flatMap { ["--config", $0] })
            #expect(made.status == 0, "\(made.errors)")
        }

        /// `ce_time` in milliseconds.
        private func receipt(_ record: ConsumedRecord) -> Int64? {
            let text = record.headers.first { $0.name == "ce_time" }.map { String(decoding: $0.value, as: UTF8.self) }
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return text.flatMap { try? Date($0, strategy: format) }.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
        }
    }
}
