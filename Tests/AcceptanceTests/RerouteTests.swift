import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("deliveries under a mistyped topic", .timeLimit(.minutes(5)))
    struct RerouteTests {
        private static let wrong = "argyle.users.fulli-synced"

        /// Brokers that make no topic by themselves and have only those that are meant: Apache's where there are any.
        /// - Parameter body: is given the brokers, and what makes the right topics on them.
        private func withBrokers(_ body: ([String], () async throws -> Void) async throws -> Void) async throws {
            let right = [TopicContent.events, "argyle.dead-letter"]
            guard KafkaCluster.isAvailable else {
                let broker = try EmbeddedBroker()
                defer { broker.close() }
                return try await body(broker.bootstrapServers) { for topic in right { try broker.createTopic(topic, partitions: 6) } }
            }
            try await withKafka(try await KafkaCluster()) { cluster in
                try await body(cluster.bootstrapServers) { try await makeTopics(right[0], right[1], on: cluster.bootstrapServers) }
            }
        }

        private func settings(_ topic: String, _ servers: [String]) -> [String: String] {
            [
                "kafka.topic": topic, "kafka.bootstrap_servers": "[\(servers.joined(separator: ","))]", "kafka.create_topics": "false",
                "outbox.retry.max_delay": "500ms",
            ]
        }

        /// A place whose relay took three users' deliveries for the wrong topic, one of them given up, and was corrected.
        private func withCorrected(_ servers: [String], _ body: (OperatedPlace) async throws -> Void) async throws {
            let operated = try OperatedPlace(settings(Self.wrong, servers))
            defer { operated.place.folder.remove() }
            let relay = try await RelayProcess(operated.place)
            var last = ""
            for number in 1...3 {
                for body in SampleUser(number).bodies(revisions: 3) {
                    let answer = try members(try await Curl.deliver(body, to: relay.deliveries))
                    last = answer["id"] as? String ?? ""
                }
            }
            // Kafka is asked, and has no such topic.
            #expect(try await eventually { relay.log.contains("publishing fails") }, "\(relay.log.suffix(2000))")
            let discarded = try await operated.command("outbox", "discard", last, "--reason", "a test user", "--json")
            #expect(discarded.status == 0, "\(discarded.errors)")
            #expect(discarded.objects.first?["state"] as? String == "discarded")
            #expect(await relay.end() == 0)
            let port = try #require(relay.admin.split(separator: ":").last)
            try operated.place.configure(settings(TopicContent.events, servers).merging(["admin.port": "\(port)"]) { $1 })
            try await body(operated)
        }

        private func expectPublished(_ servers: [String], newer: Bool) async throws {
            let content = try await TopicContent(on: servers)
            #expect(
                content.revisions == [
                    SampleUser(1).id: newer ? [1, 2, 3, 4] : [1, 2, 3], SampleUser(2).id: [1, 2, 3], SampleUser(3).id: [1, 2],
                ]
            )
            #expect(content.distinctIDs == content.events.count)
        }

        @Test("are named, counted, rerouted under the running relay, and reach the right topic once and in order")
        func running() async throws {
            try await withBrokers { servers, makeRightTopics in
                try await withCorrected(servers) { operated in
                    let doctor = try await operated.command("doctor")
                    #expect(doctor.output.contains("outbox reroute --topic \(Self.wrong)"), "\(doctor.output)")
                    let relay = try await RelayProcess(operated.place)
                    // A newer one of a user waits for the right topic, which is not there yet.
                    let newer = try members(try await Curl.deliver(SampleUser(1).body(revision: 4), to: relay.deliveries))
                    let status = try await operated.command("status")
                    #expect(
                        status.output.contains("8 wait for topic \(Self.wrong), which nothing is routed to any more"),
                        "\(status.output)"
                    )
                    let running = try await operated.command("doctor")
                    #expect(running.output.contains("8 entries wait for topic \(Self.wrong)"), "\(running.output)")

                    let plan = try await operated.command("outbox", "reroute", "--topic", Self.wrong, "--dry-run", "--json")
                    #expect(
                        (plan.objects.first?["moves"] as? [[String: Any]])?.first?["waiting"] as? Int == 8,
                        "\(plan.output)\(plan.errors)"
                    )
                    let unasked = try await operated.command("outbox", "reroute", "--topic", Self.wrong)
                    #expect(unasked.status == 64 && unasked.errors.contains("give --yes"), "\(unasked.errors)")
                    #expect(unasked.errors.contains("\(Self.wrong) -> \(TopicContent.events): 8 waiting, 0 dead"), "\(unasked.errors)")
                    let done = try await operated.command("outbox", "reroute", "--topic", Self.wrong, "--yes")
                    #expect(done.status == 0 && done.output.contains("8 waiting, 0 dead rerouted"), "\(done.output) \(done.errors)")
                    #expect(try await eventually { relay.log.contains("entries got another topic") })
                    try await makeRightTopics()
                    #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(3000))")
                    try await expectPublished(servers, newer: true)
                    let why = try await operated.command("outbox", "why", SampleUser(2).id)
                    #expect(why.output.contains("before, its topic was \(Self.wrong)"), "\(why.output)")
                    #expect(
                        !(try await operated.command("outbox", "why", try #require(newer["id"] as? String))).output.contains("rerouted")
                    )
                    let again = try await operated.command("outbox", "reroute", "--topic", Self.wrong, "--yes")
                    #expect(again.status == 0 && again.output.contains("nothing waits for topic \(Self.wrong)"), "\(again.output)")
                    let right = try await operated.command("status", "--json")
                    #expect(right.objects.first?["published"] as? Int == 9 && right.objects.first?["discarded"] as? Int == 1)
                    #expect((right.objects.first?["stranded"] as? [Any])?.isEmpty == true)
                    #expect(try await operated.command("outbox", "check").status == 0)
                    #expect(await relay.end() == 0)
                }
            }
        }

        @Test("are rerouted in the file while no relay runs, and leave with the next start")
        func alone() async throws {
            try await withBrokers { servers, makeRightTopics in
                try await makeRightTopics()
                try await withCorrected(servers) { operated in
                    let done = try await operated.command("outbox", "reroute", "--topic", Self.wrong, "--yes")
                    #expect(done.status == 0 && done.output.contains("8 waiting, 0 dead rerouted"), "\(done.output) \(done.errors)")
                    #expect(done.errors.contains("no relay is running"))
                    let relay = try await RelayProcess(operated.place)
                    #expect(try await relay.isPublished(within: .seconds(30)), "\(relay.log.suffix(3000))")
                    try await expectPublished(servers, newer: false)
                    #expect(await relay.end() == 0)
                    #expect(try await operated.command("outbox", "check").status == 0)
                }
            }
        }
    }
}
