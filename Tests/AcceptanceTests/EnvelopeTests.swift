import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("envelopes", .timeLimit(.minutes(5)))
    struct EnvelopeTests {
        private static let checkers = ProcessInfo.processInfo.environment["ARGYLE_RELAY_CHECKERS"]

        @Test(
            "are read whole by the CloudEvents SDK for JavaScript, and are valid by the schema that the relay prints",
            .enabled(if: checkers != nil, "ARGYLE_RELAY_CHECKERS names no folder with node_modules/cloudevents and ajv"),
            arguments: ["structured", "binary"]
        )
        func independent(mode: String) async throws {
            let place = try RelayPlace(["envelope.mode": mode, "events.accept": "[\"*\"]"])
            try await withRelay(place) { relay in
                let user = SampleUser(7)
                let deliveries = [
                    String(decoding: user.body(revision: 1), as: UTF8.self), String(decoding: user.body(revision: 3), as: UTF8.self),
                    #"{"event":"users.fully_synced","name":"Zoë \"☂\"","data":{"user":"\#(user.id)","resource":{"id":"\#(user.id)","items_connected":["item_1"]}}}"#,
                    """
                    {"event":"paystubs.fully_synced","name":"pay","data":{"account":"\(SampleUser(8).id)","user":"\(user.id)",\
                    "available_from":"2020-01-01T00:00:00Z","available_to":"2026-01-01T00:00:00Z","available_count":12}}
                    """,
                    """
                    {
                      "event": "users.fully_synced",
                      "name": "more",
                      "data": {
                        "user": "\(user.id)",
                        "resource": {
                          "id": "\(user.id)",
                          "accounts_connected": ["\(SampleUser(9).id)"],
                          "days_synced": 90, "client": { "id": "c", "list": [1.10] }, "change": "theirs", "argyle_change": 1, "\\u0075ser": "u"
                        }
                      }
                    }
                    """,
                    """
                    {"event":"gigs.fully_synced","name":"gigs","data":{"account":"\(SampleUser(8).id)","user":"\(user.id)",\
                    "days_synced":30,"item_id":"item_1","raw":null}}
                    """,
                    #"{"event":"gigs.partially_synced","name":"part","data":{"account":"a","user":"\#(user.id)","days_synced":30}}"#,
                    #"{"event":"accounts.connected","name":"other","data":{"account":"a","nested":{"deep":[1,2.50,null]}}}"#,
                ]
                var ids: [String] = []
                for delivery in deliveries {
                    let answer = try await Curl.deliver(Array(delivery.utf8), to: relay.deliveries)
                    #expect(answer.body.contains("accepted"))
                    ids.append(try #require(try members(answer)["id"] as? String))
                }
                #expect(try await relay.isPublished(within: .seconds(20)))
                let words = relay.log.split(separator: "bootstrap_servers=").last?.split(whereSeparator: \.isWhitespace) ?? []
                let broker = try #require(words.first)
                var records: [ConsumedRecord] = []
                for topic in [
                    TopicContent.events, "argyle.paystubs.fully-synced", "argyle.gigs.fully-synced", "argyle.gigs.partially-synced",
                    "argyle.accounts.connected",
                ] {
                    records += try await TopicContent(topic, on: [String(broker)]).records
                }
                #expect(records.count == deliveries.count)
                var schemas: [String: Any] = [:]
                for event in [
                    "users.fully_synced", "paystubs.fully_synced", "gigs.fully_synced", "gigs.partially_synced", "accounts.connected",
                ] {
                    let printed = try await place.run("schema", event)
                    #expect(printed.status == 0)
                    schemas["com.argyle.\(event)"] = try JSONSerialization.jsonObject(with: Data(printed.output.utf8))
                }
                let input = try JSONSerialization.data(withJSONObject: ["mode": mode, "schemas": schemas, "records": records.map(dump)])
                let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Checkers/cloudevents.mjs")
                let checked = try await Command.run("node", [script.path], input: Array(input))
                #expect(checked.status == 0, "\(checked.errors)")
                let events = try #require(try JSONSerialization.jsonObject(with: Data(checked.output.utf8)) as? [[String: Any]])
                #expect(Set(events.compactMap { $0["id"] as? String }) == Set(ids))
                #expect(
                    events.compactMap { $0["subscription"] as? String }.sorted() == [
                        "Zoë \"☂\"", "acceptance", "acceptance", "gigs", "more", "other", "part", "pay",
                    ]
                )
                #expect(events.filter { $0["partitionkey"] as? String == user.id && $0["subject"] as? String == user.id }.count == 7)
                let grown = try #require(events.first { ($0["id"] as? String) == ids[1] }?["data"] as? [String: Any])
                #expect(grown["change"] as? String == "grown")
                #expect((grown["accounts_added"] as? [String])?.count == 2)
                let more = try #require(events.first { ($0["subscription"] as? String) == "more" }?["data"] as? [String: Any])
                #expect(more["days_synced"] as? Int == 90 && more["argyle_user"] as? String == "u")
                #expect(more["argyle_change"] as? Int == 1 && more["argyle_argyle_change"] as? String == "theirs")
            }
        }

        private static let javaSDK = checkers.map { $0 + "/java" }.flatMap {
            FileManager.default.fileExists(atPath: $0 + "/complete") ? $0 : nil
        }

        @Test(
            "are read whole from Kafka by the CloudEvents SDK for Java, with nothing told but the topic",
            .enabled(
                if: KafkaCluster.isAvailable && javaSDK != nil,
                "KAFKA_HOME is not set, or ARGYLE_RELAY_CHECKERS names no folder with java/"
            ),
            arguments: ["structured", "binary"]
        )
        func java(mode: String) async throws {
            let sdk = try #require(Self.javaSDK)
            try await withKafka(try await KafkaCluster()) { cluster in
                try await makeTopics(TopicContent.events, on: cluster.bootstrapServers)
                let user = SampleUser(7)
                try await withRelay(try RelayPlace(cluster, ["envelope.mode": mode])) { relay in
                    let report = try await LoadGenerator(relay.deliveries).send(users: [user.bodies(revisions: 2)], connections: 1)
                    #expect(report.statuses == [200: 2])
                    #expect(try await relay.isPublished(within: .seconds(20)))
                }
                let records = try await TopicContent(TopicContent.events, on: cluster.bootstrapServers).records
                let read = try await cluster.java(
                    "org.apache.kafka.tools.consumer.ConsoleConsumer",
                    [
                        "--bootstrap-server", cluster.bootstrapServers[0], "--topic", TopicContent.events, "--from-beginning",
                        "--max-messages", "2", "--timeout-ms", "30000",
                        "--property", "value.deserializer=io.cloudevents.kafka.CloudEventDeserializer",
                    ],
                    with: sdk + "/*"
                )
                let events = read.output.split(separator: "\n").filter { $0.hasPrefix("CloudEvent{") }.map(String.init)
                #expect(events.count == 2, "\(read.errors)")
                for (event, change) in zip(events, ["initial", "grown"]) {
                    for part in [
                        "source=https://api.argyle.com/v2,", "type='com.argyle.users.fully_synced'", "datacontenttype='application/json'",
                        "dataschema=urn:argyle-relay:users.fully_synced:1", "subject='\(user.id)'", "partitionkey=\(user.id)",
                        "subscription=acceptance",
                    ] { #expect(event.contains(part), "\(part) in \(event)") }
                    #expect(try data(in: event)["change"] as? String == change)
                    #expect(try data(in: event)["user"] as? String == user.id)
                }
                let ids = events.compactMap { $0.split(separator: "id='").last?.prefix(36) }
                #expect(Set(ids).count == 2 && records.count == 2)
            }
        }

        /// The data of an event as the SDK for Java prints it: JSON in structured mode, a list of bytes in binary mode.
        private func data(in event: String) throws -> [String: Any] {
            var json = Data(event.utf8)
            if let node = event.firstRange(of: "JsonCloudEventData{node="), let end = event.firstRange(of: "}, extensions=") {
                json = Data(event[node.upperBound..<end.lowerBound].utf8)
            } else if let value = event.firstRange(of: "BytesCloudEventData{value=["), let end = event.firstRange(of: "]}, extensions=") {
                json = Data(
                    event[value.upperBound..<end.lowerBound].split(separator: ", ").compactMap { Int8($0).map(UInt8.init(bitPattern:)) }
                )
            }
            return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        }

        private func dump(_ record: ConsumedRecord) -> [String: Any] {
            let headers = record.headers.map { [$0.name, String(decoding: $0.value, as: UTF8.self)] }
            return [
                "headers": Dictionary(headers.map { ($0[0], $0[1]) }) { _, last in last },
                "key": record.key.map { String(decoding: $0, as: UTF8.self) } as Any? ?? NSNull(),
                "value": String(decoding: record.value ?? [], as: UTF8.self), "timestamp": record.timestamp ?? 0,
            ]
        }

        @Test("a user's key lies in the partition where Kafka's own producer puts it", .enabled(if: KafkaCluster.isAvailable))
        func partitions() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                try await makeTopics(TopicContent.events, "twin", partitions: 7, on: cluster.bootstrapServers)
                let users = (0..<100).map { SampleUser($0 * 7919) }
                try await withRelay(try RelayPlace(cluster)) { relay in
                    let report = try await LoadGenerator(relay.deliveries).send(
                        users: users.map { $0.bodies(revisions: 1) },
                        connections: 4
                    )
                    #expect(report.statuses == [200: 100])
                    #expect(try await relay.isPublished(within: .seconds(20)))
                }
                let lines = users.map { "\($0.id)\tx\n" }.joined()
                let arguments = ["--bootstrap-server", cluster.bootstrapServers[0], "--topic", "twin", "--property", "parse.key=true"]
                let produced = try await cluster.tool("kafka-console-producer.sh", arguments, input: Array(lines.utf8))
                #expect(produced.status == 0, "\(produced.errors)")
                let ours = try await partitions(of: TopicContent.events, on: cluster)
                #expect(ours.count == 100)
                #expect(Set(ours.values).count == 7)
                #expect(try await partitions(of: "twin", on: cluster) == ours)
            }
        }

        private func partitions(of topic: String, on cluster: KafkaCluster) async throws -> [String: Int32] {
            let records = try await TopicContent(topic, on: cluster.bootstrapServers).records
            return Dictionary(records.map { (String(decoding: $0.key ?? [], as: UTF8.self), $0.partition) }) { one, _ in one }
        }
    }
}
