import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("records that Kafka will not take", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct DeadLetterTests {
        @Test("a record above max.message.bytes becomes dead and holds nobody up; retry delivers it once the limit is raised")
        func poisoned() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                let server = cluster.bootstrapServers[0]
                let topic = ["--bootstrap-server", server, "--topic", TopicContent.events]
                let limited = ["--create", "--partitions", "6", "--config", "max.message.bytes=2000"]
                let made = try await cluster.tool("kafka-topics.sh", topic + limited)
                #expect(made.status == 0, "\(made.errors)")
                try await makeTopics("argyle.dead-letter", on: cluster.bootstrapServers)
                let operated = try OperatedPlace(cluster, ["kafka.create_topics": "false"])
                try await withRelay(operated.place) { relay in
                    let user = SampleUser(1)
                    let large = Self.enlarged(user.body(revision: 1))
                    let poisoned = try members(try await Curl.deliver(large, to: relay.deliveries))
                    let id = try #require(poisoned["id"] as? String)
                    #expect(try await Curl.deliver(user.body(revision: 2), to: relay.deliveries).status == 200)
                    // Together larger than the limit, each well below it: none of them may die of the others.
                    let others = (10..<210).map { SampleUser($0).bodies(revisions: 3) }
                    #expect(try await LoadGenerator(relay.deliveries).send(users: others, connections: 32).statuses == [200: 600])
                    #expect(try await relay.isPublished(within: .seconds(20)), "\(relay.log.suffix(2000))")
                    #expect(try await relay.metric("outbox_dead") == 1)

                    let status = try await operated.command("status", "--json")
                    #expect(status.objects.first?["dead"] as? Int == 1, "\(status.output) \(status.errors)")
                    let dead = try await operated.command("outbox", "list", "--state", "dead", "--json")
                    #expect(dead.objects.map { $0["id"] as? String } == [id])
                    let error = try #require(dead.objects.first?["error"] as? [String: Any])
                    #expect(error["code"] as? String == "msg_size_too_large", "\(dead.output)")
                    #expect((error["detail"] as? String)?.contains("the broker refuses it as larger than max.message.bytes") == true)
                    let why = try await operated.command("outbox", "why", id)
                    #expect(why.output.contains("It is dead since"))
                    #expect(why.output.contains("outbox retry \(id)"))
                    let before = try await TopicContent(on: cluster.bootstrapServers)
                    #expect(before.records.count == 601)
                    #expect(before.revisions[user.id] == [2])

                    let raise = ["--entity-type", "topics", "--entity-name", TopicContent.events, "--alter", "--add-config"]
                    let raised = try await cluster.tool(
                        "kafka-configs.sh",
                        ["--bootstrap-server", server] + raise + ["max.message.bytes=1000000"]
                    )
                    #expect(raised.status == 0, "\(raised.errors)")
                    let retried = try await operated.command("outbox", "retry", id)
                    #expect(retried.status == 0, "\(retried.errors)")
                    #expect(try await eventually { try await relay.metric("outbox_dead") == 0 })
                    #expect(try await relay.isPublished(within: .seconds(20)), "\(relay.log.suffix(2000))")
                    let after = try await TopicContent(on: cluster.bootstrapServers)
                    #expect(after.revisions[user.id] == [2, 1])
                    #expect(after.events.filter { $0.id == id }.count == 1)
                    #expect(after.distinctIDs == 602)
                }
            }
        }

        /// With 6,000 bytes of metadata that no compression makes small.
        private static func enlarged(_ body: [UInt8]) -> [UInt8] {
            let noise = (0..<200).map { _ in UUID().uuidString.replacingOccurrences(of: "-", with: "").prefix(30) }.joined()
            return Array(
                String(decoding: body, as: UTF8.self).replacingOccurrences(of: #""rate": 1.10"#, with: #""n": "\#(noise)""#).utf8
            )
        }
    }
}
