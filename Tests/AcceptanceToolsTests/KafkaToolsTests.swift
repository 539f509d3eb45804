import Foundation
import RelayCore
import RelayKafka
import RelayTestSupport
import Synchronization
import Testing

/// The built program's tools against a real broker. Runs where `KAFKA_HOME` names a distribution.
@Suite("The tools against a real Kafka", .enabled(if: KafkaCluster.isAvailable), .serialized, .timeLimit(.minutes(3)))
struct KafkaToolsTests {
    private let secrets = ["RELAY_SIGNATURE_SECRETS": "[a-secret-that-is-not-to-be-seen]"]

    private func with(_ cluster: KafkaCluster) -> [String: String] {
        secrets.merging(["RELAY_KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrapServers.joined(separator: ",")]) { $1 }
    }

    private func make(_ topics: [String], on cluster: KafkaCluster) async throws {
        let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
        try await blocking {
            let admin = try TopicAdmin(settings: settings)
            defer { admin.close() }
            for creation in try admin.create(topics.map { NewTopic(name: $0, partitions: 2) }, timeout: .seconds(20)) {
                if case .failed(let error) = creation.result { throw error }
            }
        }
    }

    private func send(_ messages: [KafkaMessage], to cluster: KafkaCluster) async throws {
        let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
        try await blocking {
            let failures = Mutex<[PublishOutcome]>([])
            let producer = try KafkaProducer(settings: settings) { reports in
                for report in reports {
                    if case .published = report.outcome { continue }
                    failures.withLock { $0.append(report.outcome) }
                }
            } onEvent: { _ in
            }
            _ = producer.publish(messages)
            let isEmpty = producer.flush(timeout: .seconds(20))
            producer.close()
            #expect(isEmpty && failures.withLock { $0 }.isEmpty)
        }
    }

    @Test("doctor tells missing topics from healthy ones, sees a missing right, leaves no record, and works beside a running relay")
    func doctor() async throws {
        let cluster = try await KafkaCluster(properties: [
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "allow.everyone.if.no.acl.found=true",
        ])
        let missing = try await ToolRun("doctor", environment: with(cluster))
        #expect(missing.code == 1, "\(missing)")
        #expect(missing.lines.filter { $0.hasPrefix("failed") && $0.contains("it is missing") }.count == 2)
        let made = try await ToolRun("doctor", "--set", "kafka.create_topics=true", environment: with(cluster))
        #expect(made.code == 0)

        try await make(["argyle.users.fully-synced", "argyle.dead-letter"], on: cluster)
        let healthy = try await ToolRun("doctor", "--set", "http.max_body=512KiB", environment: with(cluster))
        #expect(healthy.code == 0, "\(healthy)")
        #expect(healthy.lines.filter { $0.hasPrefix("ok") && $0.contains("write ") }.count == 2)
        #expect(healthy.lines.filter { $0.hasPrefix("ok") && $0.contains("max.message.bytes ") }.count == 2)
        let large = try await ToolRun("doctor", "--set", "http.max_body=2MiB", environment: with(cluster))
        #expect(large.lines.filter { $0.hasPrefix("warning") && $0.contains("max.message.bytes ") }.count == 2)
        let left = try await ToolRun("tail", "--until-end", environment: with(cluster))
        #expect(left.code == 0 && left.output.isEmpty, "\(left)")

        try await acl(cluster, ["--add", "--deny-principal", "User:ANONYMOUS", "--operation", "Write", "--topic", "argyle.dead-letter"])
        try await acl(
            cluster,
            ["--add", "--allow-principal", "User:ANONYMOUS", "--operation", "Describe", "--topic", "argyle.dead-letter"]
        )
        let denied = try await ToolRun("doctor", environment: with(cluster))
        #expect(denied.code == 1, "\(denied)")
        #expect(denied.lines.contains { $0.hasPrefix("failed") && $0.contains("write argyle.dead-letter") && $0.contains("authorization") })
        #expect(denied.lines.contains { $0.hasPrefix("ok") && $0.contains("write argyle.users.fully-synced") })

        try await besideARelay(cluster)
        await cluster.stop()
    }

    private func besideARelay(_ cluster: KafkaCluster) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tools-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let environment = with(cluster).merging([
            "RELAY_OUTBOX_PATH": folder + "/outbox.sqlite", "RELAY_HTTP_PORT": "0", "RELAY_ADMIN_PORT": "0",
        ]) { $1 }
        let relay = try ServerProcess(ToolRun.program, ["serve"], environment: environment)
        try await relay.line(containing: "listening")
        let run = try await ToolRun("doctor", environment: environment)
        #expect(run.lines.contains { $0.contains("in use by process \(relay.processIdentifier)") }, "\(run)")
        #expect(run.lines.contains { $0.hasPrefix("ok") && $0.contains("file.modes") })
        await relay.end(SIGTERM)
        let after = try await ToolRun("doctor", environment: environment)
        #expect(after.lines.contains { $0.contains("nothing waits, nothing is dead") }, "\(after)")
    }

    private func acl(_ cluster: KafkaCluster, _ arguments: [String]) async throws {
        let environment = ProcessInfo.processInfo.environment
        let script = try ServerProcess(
            "\(environment["KAFKA_HOME"] ?? "")/bin/kafka-acls.sh",
            ["--bootstrap-server", cluster.bootstrapServers[0]] + arguments,
            environment: environment
        )
        try await script.success()
    }

    @Test("tail says when there is no topic, shows what is there in either mode, and follows until it is interrupted")
    func tail() async throws {
        let cluster = try await KafkaCluster()
        let environment = with(cluster).merging(["RELAY_KAFKA_TOPIC": "events", "RELAY_KAFKA_DEAD_LETTER_TOPIC": "dead"]) { $1 }
        let none = try await ToolRun("tail", environment: environment)
        #expect(none.code == 75 && none.errors.contains("no topic events, dead in Kafka"), "\(none)")

        try await make(["events"], on: cluster)
        try await send([try SampleRecords.event(.structured), try SampleRecords.event(.binary, user: "other")], to: cluster)
        let partly = try await ToolRun("tail", "--until-end", environment: environment)
        #expect(partly.code == 0 && partly.lines.count == 2 && partly.errors.contains("no topic dead"), "\(partly)")
        #expect(try await ToolRun("tail", "--topic", "dead", environment: environment).code == 75)

        try await make(["dead"], on: cluster)
        try await send([try SampleRecords.deadLetter()], to: cluster)
        let all = try await ToolRun("tail", "--once", environment: environment)
        #expect(all.lines.count == 3 && all.lines.contains { $0.contains("DEAD-LETTER code=not_json") }, "\(all)")
        let one = try await ToolRun("tail", "--once", "--user", SampleRecords.user.uppercased(), "--json", environment: environment)
        #expect(one.lines.count == 1 && one.lines.first?.hasPrefix(#"{"specversion":"1.0","id":""#) == true, "\(one)")
        let late = try await ToolRun("tail", "--once", "--since", "2023-11-14T22:13:20.400Z", environment: environment)
        #expect(late.lines.count == 1)
        #expect(try await ToolRun("tail", "--once", "--since", "1h", environment: environment).lines == [])
        #expect(try await ToolRun("tail", "--since", "soon", environment: environment).code == 64)

        let following = try ServerProcess(ToolRun.program, ["tail", "--since", "2023-01-01T00:00:00Z"], environment: environment)
        try await following.line(containing: "DEAD-LETTER")
        try await send([try SampleRecords.event(.structured, user: "latecomer")], to: cluster)
        try await following.line(containing: "user=latecomer")
        await following.end(SIGINT)
        try await following.success()
        await cluster.stop()
    }
}
