import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("over TLS, with a user and rights", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct SecuredKafkaTests {
        enum Broker: CaseIterable {
            case newest
            case older

            var mechanism: String { self == .newest ? "PLAIN" : "SCRAM-SHA-512" }

            /// Nil where that distribution is not on this machine.
            var home: String? {
                let environment = ProcessInfo.processInfo.environment
                let home = environment["KAFKA_HOME"] ?? ""
                guard self == .older else { return home }
                let other = environment["KAFKA_HOME_3_9"] ?? URL(fileURLWithPath: home + "/../kafka-3.9").standardizedFileURL.path
                return FileManager.default.fileExists(atPath: other + "/bin") ? other : nil
            }

            // Swift 6.0 aborts on a closure among a test's arguments.
            static let available = allCases.filter { $0.home != nil }
        }

        @Test(
            "what waits for the right to write arrives once that is granted, without a restart; a wrong password is named and not shown",
            arguments: Broker.available
        )
        func rights(broker: Broker) async throws {
            let certificates = try await Certificates()
            defer { certificates.folder.remove() }
            let security = KafkaSecurity(certificates: certificates, user: "relay", password: "right-password-5e0d")
            try await withKafka(try await KafkaCluster(security: security, home: broker.home)) { cluster in
                try await makeTopics(TopicContent.events, "argyle.dead-letter", on: cluster.bootstrapServers)
                let servers = "[\(cluster.securedServers.joined(separator: ","))]"
                let place = try RelayPlace([
                    "kafka.bootstrap_servers": servers, "kafka.properties": security.properties(mechanism: broker.mechanism),
                    "outbox.retry.max_delay": "1s", "log.level": "debug",
                ])
                try await withRelay(place) { relay in
                    let users = (0..<20).map { SampleUser($0).bodies(revisions: 1) }
                    #expect(try await LoadGenerator(relay.deliveries).send(users: users, connections: 4).statuses == [200: 20])
                    #expect(try await eventually { relay.log.contains("authoriz") }, "\(relay.log)")
                    #expect(try await relay.metric("outbox_pending") == 20)
                    #expect(try await TopicContent(on: cluster.bootstrapServers).records.isEmpty)
                    let rights = [
                        "--bootstrap-server", cluster.bootstrapServers[0], "--add", "--allow-principal", "User:relay",
                        "--operation", "Write", "--operation", "Describe", "--topic", TopicContent.events,
                    ]
                    let granted = try await cluster.tool("kafka-acls.sh", rights)
                    #expect(granted.status == 0, "\(granted.errors)")
                    #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(3000))")
                    let topic = try await TopicContent(on: cluster.bootstrapServers)
                    #expect(topic.records.count == 20)
                    #expect(topic.distinctIDs == 20)
                    #expect(!relay.log.contains(security.password))
                }
                let wrong = "wrong-password-c41a"
                let stranger = try RelayPlace([
                    "kafka.bootstrap_servers": servers, "log.level": "debug",
                    "kafka.properties": security.properties(mechanism: broker.mechanism, password: wrong),
                ])
                try await withRelay(stranger) { relay in
                    let users = (0..<5).map { SampleUser($0).bodies(revisions: 1) }
                    let report = try await LoadGenerator(relay.deliveries).send(users: users, connections: 2)
                    #expect(report.statuses == [200: 5])
                    #expect(try await eventually { try await relay.readiness().text.contains(#""code":"authentication""#) }, "\(relay.log)")
                    #expect(try await relay.readiness().status == 503)
                    #expect(try await eventually { relay.log.contains("uthentication") })
                    #expect(!relay.log.contains(wrong))
                    await relay.end(SIGKILL)
                    #expect(try await stranger.rows("SELECT count(*) FROM outbox WHERE state = 'pending'") == ["5"])
                }
            }
        }
    }
}
