import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("with brokers that come and go", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct BrokerRestartTests {
        @Test("10,000 deliveries of 5,000 facts while three brokers are restarted one by one: each fact is there once, in order")
        func rolling() async throws {
            try await withKafka(try await KafkaCluster(brokers: 3)) { cluster in
                try await withRelay(try RelayPlace(cluster)) { relay in
                    let users = (0..<500).map { SampleUser($0).bodies(revisions: 10, repeats: true) }
                    let load = LoadGenerator(relay.deliveries, pace: .milliseconds(120))
                    var report = LoadGenerator.Report()
                    // A third of the load goes over each restart.
                    for (broker, part) in [(1, 0..<7), (2, 7..<14), (3, 14..<20)] {
                        async let answers = load.send(users: users.map { Array($0[part]) }, connections: 64)
                        await cluster.terminate(broker)
                        try await cluster.start(broker)
                        report.add(try await answers)
                    }
                    #expect(report.failures == [])
                    #expect(report.statuses == [200: 10_000])
                    #expect(report.outcomes == ["accepted": 5000, "duplicate": 5000])
                    #expect(try await relay.isPublished(within: .seconds(30)))
                    let topic = try await TopicContent(on: cluster.bootstrapServers)
                    #expect(topic.records.count == 5000)
                    #expect(topic.distinctIDs == 5000)
                    #expect(Set(topic.events.map(\.id)) == Set(report.accepted))
                    #expect(topic.revisions.count == 500)
                    #expect(topic.revisions.values.allSatisfy { $0 == Array(1...10) })
                    print("rolling restart: p50 \(report.p50), p99 \(report.p99), peak \(relay.peakMemory ?? 0) MB")
                }
            }
        }

        @Test("the one broker is killed and comes back under load: the relay goes on by itself, nothing is lost or out of order")
        func single() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                try await withRelay(try RelayPlace(cluster)) { relay in
                    let users = (0..<100).map { SampleUser($0).bodies(revisions: 20) }
                    async let load = LoadGenerator(relay.deliveries, pace: .milliseconds(80)).send(users: users, connections: 20)
                    #expect(try await eventually { try await relay.metric("published_total{topic=\"\(TopicContent.events)\"}") ?? 0 > 0 })
                    await cluster.kill(1)
                    try await cluster.start(1)
                    let report = try await load
                    #expect(report.statuses == [200: 2000])
                    #expect(report.failures == [])
                    #expect(try await relay.isPublished(within: .seconds(40)))
                    #expect(try await relay.readiness().status == 200)
                    let topic = try await TopicContent(on: cluster.bootstrapServers)
                    #expect(topic.distinctIDs == 2000)
                    // A broker that is killed may lose the acknowledgement of what it had written; a repeat keeps its id.
                    let firsts = topic.revisions.mapValues { $0.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } } }
                    #expect(firsts.values.allSatisfy { $0 == Array(1...20) })
                }
            }
        }
    }
}
