import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a restart under connections that are kept", .timeLimit(.minutes(5)))
    struct KeptConnectionTests {
        private struct Report: Decodable {
            let statuses: [String: Int]
            let failures: [String]
            let opened: Int
        }

        @Test(
            "loses no request of theirs while a parent holds the socket: each is answered 200 and once in Kafka",
            arguments: [false, true]
        )
        func restarts(overTLS: Bool) async throws {
            let broker = try EmbeddedBroker()
            defer { broker.close() }
            try broker.createTopic(TopicContent.events, partitions: 6)
            let certificates = try await Certificates()
            var settings = ["kafka.bootstrap_servers": "[\(broker.bootstrapServers.joined(separator: ","))]"]
            if overTLS {
                settings["http.tls.certificate_file"] = certificates.path("server.pem")
                settings["http.tls.private_key_file"] = certificates.path("server.key")
            }
            let place = try RelayPlace(settings)
            defer { place.folder.remove() }
            let socket = try HeldSocket()
            var relay = try await RelayProcess(place, handing: socket)
            let stop = place.folder.path + "/stop"
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Checkers/kept.py").path
            let url = "\(overTLS ? "https" : "http")://127.0.0.1:\(socket.port)/webhooks/argyle"
            let order = [script, url, RelayPlace.secret, "8", stop] + (overTLS ? [certificates.path("ca.pem")] : [])
            async let sending = Command.run("python3", order)
            for _ in 0..<5 {
                let isBusy = try await eventually { try await relay.metric("deliveries_total{outcome=\"accepted\"}") ?? 0 > 50 }
                #expect(isBusy)
                #expect(await relay.end() == 0)
                relay = try await RelayProcess(place, handing: socket)
            }
            try Data().write(to: URL(fileURLWithPath: stop))
            let outcome = try await sending
            let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
            #expect(report.failures == [], "\(outcome.errors)")
            let sent = report.statuses["200"] ?? 0
            #expect(report.statuses == ["200": sent])
            #expect(sent > 250)
            // Every stop ends each connection once, and the end of the test the last ones.
            #expect(report.opened >= 8 * 6)
            #expect(try await relay.isPublished(within: .seconds(30)))
            let topic = try await TopicContent(on: broker.bootstrapServers)
            #expect(topic.records.count == sent)
            #expect(topic.distinctIDs == sent)
            await relay.end()
        }
    }
}
