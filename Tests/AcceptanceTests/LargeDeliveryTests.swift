import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("large deliveries", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct LargeDeliveryTests {
        /// With `size` bytes of metadata that no compression makes small.
        private static func enlarged(_ body: [UInt8], by size: Int) -> [UInt8] {
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-".utf8)
            var noise = [UInt8](repeating: 0, count: size)
            for index in noise.indices { noise[index] = letters[Int.random(in: 0..<64)] }
            let text = String(decoding: body, as: UTF8.self)
            return Array(
                text.replacingOccurrences(of: #""rate": 1.10"#, with: #""n": "\#(String(decoding: noise, as: UTF8.self))""#).utf8
            )
        }

        @Test("are published where Kafka takes them; one that librdkafka is told not to take says that it was not Kafka's word")
        func ninth() async throws {
            try await withKafka(try await KafkaCluster(properties: ["message.max.bytes=20971520"])) { cluster in
                try await makeTopics(TopicContent.events, "argyle.dead-letter", on: cluster.bootstrapServers)
                let settings = ["http.max_body": "16MiB", "kafka.create_topics": "false"]
                let operated = try OperatedPlace(cluster, settings)
                defer { operated.place.folder.remove() }
                let relay = try await RelayProcess(operated.place)
                let user = SampleUser(1)
                #expect(try await Curl.deliver(Self.enlarged(user.body(revision: 1), by: 9 << 20), to: relay.deliveries).status == 200)
                #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(2000))")
                #expect(try await relay.metric("outbox_dead") == 0)
                #expect(await relay.end() == 0)

                let port = relay.admin.split(separator: ":").last.map(String.init) ?? ""
                let limited = settings.merging([
                    "kafka.properties": "[message.max.bytes=5000000]", "admin.port": port,
                    "kafka.bootstrap_servers": "[\(cluster.bootstrapServers[0])]",
                ]) { $1 }
                try operated.place.configure(limited)
                let checked = try await operated.command("config", "check")
                #expect(checked.status == 0 && checked.errors.contains("message.max.bytes is 5000000"), "\(checked.errors)")
                let doctor = try await operated.command("doctor")
                #expect(doctor.output.contains("librdkafka takes records up to 5000000 bytes"), "\(doctor.output)")
                let second = try await RelayProcess(operated.place)
                #expect(try await eventually { second.log.contains("message.max.bytes is 5000000") })
                let large = try await Curl.deliver(Self.enlarged(user.body(revision: 2), by: 9 << 20), to: second.deliveries)
                let id = try #require(try members(large)["id"] as? String)
                #expect(try await Curl.deliver(user.body(revision: 3), to: second.deliveries).status == 200)
                #expect(try await second.isPublished(within: .seconds(30)), "\(second.log.suffix(2000))")
                let why = try await operated.command("outbox", "why", id)
                #expect(
                    why.output.contains("It is dead") && why.output.contains("librdkafka's message.max.bytes (5000000)"),
                    "\(why.output)"
                )
                #expect(why.output.contains("Kafka was not asked"))
                #expect(await second.end() == 0)

                try operated.place.configure(limited.merging(["kafka.properties": "[message.max.bytes=20971520]"]) { $1 })
                let third = try await RelayProcess(operated.place)
                #expect(try await operated.command("outbox", "retry", id).status == 0)
                #expect(try await third.isPublished(within: .seconds(30)), "\(third.log.suffix(2000))")
                #expect(try await TopicContent(on: cluster.bootstrapServers).revisions == [user.id: [1, 3, 2]])
                #expect(await third.end() == 0)
            }
        }
    }
}
