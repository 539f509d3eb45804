import Foundation
import Logging
import NIOPosix
import RelayCore
import RelayHTTP
import RelayMetrics
import RelayOutbox
import RelayTestSupport
import Testing

@testable import RelayIngress

/// What a sender hears whose delivery reaches an outbox that has closed. In the relay the listener stops first, so this needs parts of it.
@Suite("A delivery while the outbox is closed", .timeLimit(.minutes(5)))
struct StoppingAnswerTests {
    @Test("is answered 503 stopping with Retry-After, known or not, and taken when it comes again after the start", .timeLimit(.minutes(1)))
    func stopping() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let known = SampleUser(1).body(revision: 1)
        let new = SampleUser(2).body(revision: 1)
        try await serve(folder) { url, registry, stop in
            let taken = try await Curl.deliver(known, to: url)
            #expect(taken.status == 200)
            await stop()
            for body in [known, new] {
                let answer = try await Curl.deliver(body, to: url)
                #expect(answer.status == 503)
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(try #require(answer.headers["retry-after"].flatMap { Int($0) }) > 0)
                let problem = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
                #expect(problem["code"] as? String == "stopping")
                #expect(problem["status"] as? Int == 503)
            }
            #expect(registry.text().contains(#"argyle_relay_deliveries_total{outcome="stopping"} 2"#))
        }
        try await serve(folder) { url, _, _ in
            for (body, outcome) in [(known, "duplicate"), (new, "accepted")] {
                let answer = try await Curl.deliver(body, to: url)
                #expect(answer.status == 200)
                #expect(answer.body.contains(outcome))
            }
        }
    }

    /// The real listener, route and outbox. `stop` returns when the outbox is closed and the listener still open.
    private func serve(
        _ folder: TemporaryFolder,
        _ body: (_ url: String, _ registry: MetricsRegistry, _ stop: () async -> Void) async throws -> Void
    ) async throws {
        let stand = try IngressStand(in: folder)
        let server = HTTPServer(
            configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0),
            route: stand.route,
            group: .singleton,
            logger: stand.log.logger
        )
        try await server.start()
        let url = "http://127.0.0.1:\(server.boundPort ?? 0)/deliveries"
        let storing = Task { await stand.outbox.run { _ in } }
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(url, stand.registry) {
                    stand.outbox.stop()
                    await storing.value
                }
            )
        } catch { result = .failure(error) }
        stand.outbox.stop()
        await storing.value
        await server.shutdown(grace: .seconds(1))
        try result.get()
    }
}
