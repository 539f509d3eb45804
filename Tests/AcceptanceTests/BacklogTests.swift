import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("with Kafka away", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct BacklogTests {
        /// Debug builds take a tenth of it; `ACCEPTANCE_FULL=1` asks for all of it.
        private static let facts = ProcessInfo.processInfo.environment["ACCEPTANCE_FULL"] == nil ? 10_000 : 50_000

        @Test("what was accepted outlives a kill and reaches Kafka in order once that is back, in less than 200 MB")
        func killed() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                try await makeTopics(TopicContent.events, "argyle.dead-letter", on: cluster.bootstrapServers)
                await cluster.terminate(1)
                let place = try RelayPlace(cluster, ["kafka.create_topics": "false"])
                defer { place.folder.remove() }
                let first = try await RelayProcess(place)
                let revisions = 25
                let users = (0..<Self.facts / revisions).map { SampleUser($0).bodies(revisions: revisions) }
                let clock = ContinuousClock()
                let began = clock.now
                let report = try await LoadGenerator(first.deliveries).send(users: users, connections: 64)
                let sent = clock.now
                #expect(report.statuses == [200: Self.facts])
                #expect(report.failures == [])
                #expect(try await first.metric("outbox_pending") == Double(Self.facts))
                let peakBefore = try #require(first.peakMemory)
                #expect(await first.end(SIGKILL) == 128 + SIGKILL)

                let second = try await RelayProcess(place)
                try await cluster.start(1)
                let started = clock.now
                #expect(try await second.isPublished(within: .seconds(90)))
                let published = clock.now
                let peakAfter = try #require(second.peakMemory)
                #expect(max(peakBefore, peakAfter) < 200)
                let topic = try await TopicContent(on: cluster.bootstrapServers)
                await second.end()
                #expect(topic.records.count == Self.facts)
                #expect(Set(topic.events.map(\.id)) == Set(report.accepted))
                #expect(topic.revisions.count == users.count)
                #expect(topic.revisions.values.allSatisfy { $0 == Array(1...revisions) })
                print(
                    "backlog of \(Self.facts): accepted in \(sent - began) (p50 \(report.p50), p99 \(report.p99)),",
                    "published in \(published - started), peaks \(peakBefore) and \(peakAfter) MB"
                )
            }
        }
    }
}
