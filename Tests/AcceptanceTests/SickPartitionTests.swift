import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("with one sick partition", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct SickPartitionTests {
        private static let sick = 20_000
        private static let well = 600

        /// Users whose keys lie in partition 0 of six, or in none of it.
        private static func users(sick: Bool, _ count: Int) -> [SampleUser] {
            Array(
                (0...).lazy.map { SampleUser($0) }
                    .filter { (KafkaPartitioner.partition(of: $0.id, among: 6) == 0) == sick }.prefix(count)
            )
        }

        @Test(
            "20,000 deliveries for it hold up nobody: 600 for the others are in Kafka within 5 s, it is named, and the stop takes less than 8 s"
        )
        func belowMinimum() async throws {
            try await withKafka(try await KafkaCluster(brokers: 3)) { cluster in
                let servers = ["--bootstrap-server", cluster.bootstrapServers.joined(separator: ",")]
                // Without broker 2 the first partition has one replica of the two that it needs; the others have nothing there.
                let options = ["--create", "--topic", TopicContent.events, "--replica-assignment", "2:3,1:3,3:1,1:3,3:1,1:3"]
                let made = try await cluster.tool("kafka-topics.sh", servers + options + ["--config", "min.insync.replicas=2"])
                #expect(made.status == 0, "\(made.errors)")
                try await makeTopics("argyle.dead-letter", on: cluster.bootstrapServers)
                await cluster.kill(2)
                let operated = try OperatedPlace(cluster, ["kafka.create_topics": "false"])
                let place = operated.place
                defer { place.folder.remove() }
                let relay = try await RelayProcess(place)
                let stuck = Self.users(sick: true, Self.sick / 5).map { $0.bodies(revisions: 5) }
                #expect(try await LoadGenerator(relay.deliveries).send(users: stuck, connections: 64).statuses == [200: Self.sick])

                let clock = ContinuousClock()
                let began = clock.now
                let others = Self.users(sick: false, Self.well / 3).map { $0.bodies(revisions: 3) }
                #expect(try await LoadGenerator(relay.deliveries).send(users: others, connections: 32).statuses == [200: Self.well])
                let published = "published_total{topic=\"\(TopicContent.events)\"}"
                #expect(try await eventually(within: .seconds(10)) { try await relay.metric(published) == Double(Self.well) })
                let took = clock.now - began
                #expect(took < .seconds(5), "\(took)")
                #expect(try await relay.metric("outbox_pending") == Double(Self.sick))

                let stalled = "partition_stalled{topic=\"\(TopicContent.events)\",partition=\"0\"}"
                #expect(try await eventually(within: .seconds(30)) { try await relay.metric(stalled) == 1 }, "\(relay.log.suffix(2000))")
                let ready = try await relay.readiness()
                #expect(ready.status == 200 && ready.text.contains(#""degraded":true,"code":"partition_stalled""#), "\(ready)")
                #expect(ready.text.contains("\(TopicContent.events)/0"))
                let status = try await operated.command("status")
                #expect(status.output.contains("\(TopicContent.events)/0 takes nothing since"), "\(status.output)")
                #expect(relay.log.components(separatedBy: "a partition takes no records").count == 2, "\(relay.log.suffix(2000))")
                #expect(try #require(relay.peakMemory) < 200)

                let stopping = clock.now
                #expect(await relay.end(SIGTERM) == 0)
                let stop = clock.now - stopping
                #expect(stop < .seconds(8), "\(stop)")

                let second = try await RelayProcess(place)
                try await cluster.start(2)
                #expect(try await second.isPublished(within: .seconds(60)), "\(second.log.suffix(2000))")
                let topic = try await TopicContent(on: cluster.bootstrapServers)
                #expect(topic.distinctIDs == Self.sick + Self.well)
                #expect(
                    topic.revisions.values.allSatisfy {
                        $0.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
                            == $0.sorted().reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
                    }
                )
                await second.end()
                print("600 beside 20,000 for a sick partition: \(took); stop \(stop)")
            }
        }
    }
}
