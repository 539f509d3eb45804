import FoundationEssentials
import Logging
import RelayCore
import RelayHTTP
import RelayMetrics
import RelayOutbox
import Synchronization
import Testing

@testable import RelayIngress

/// A log whose lines can be awaited.
private struct LineLog: LogHandler {
    let lines: AsyncStream<String>.Continuation
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(
        level: Logger.Level,
        message: Logger.Message,
        metadata: Logger.Metadata?,
        source: String,
        file: String,
        function: String,
        line: UInt
    ) {
        lines.yield("\(message) \(metadata ?? [:])")
    }
}

@Suite("The signature diagnoser")
struct SignatureDiagnoserTests {
    private let secret = Array("a secret that nobody may see".utf8)

    @Test("a delivery signed with SHA-256 is refused like any other, and log and metric say why", .timeLimit(.minutes(1)))
    func journey() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("diagnoser-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let registry = MetricsRegistry()
        let uptime = Uptime()
        let time = TimeSource(now: { Timestamp(milliseconds: 1_700_000_000_000) }, uptime: { uptime.value })
        let (lines, continuation) = AsyncStream<String>.makeStream()
        let logger = Logger(label: "test") { _ in LineLog(lines: continuation) }
        let diagnoser = SignatureDiagnoser(registry, time: time, logger: logger)
        let outbox = try SQLiteOutbox(
            path: folder + "/outbox.sqlite",
            settings: SQLiteOutbox.Settings(
                source: "https://example.com",
                includesRaw: false,
                routing: try #require(TopicRouting(template: "t.{event}", deadLetters: "dead")),
                limits: OutboxLimits(maxPending: 10, minFreeDisk: 0, entryRetention: .seconds(1), factRetention: nil)
            ),
            meters: OutboxMeters(registry),
            time: time,
            clock: ContinuousClock()
        )
        let route = WebhookRoute(
            path: "/",
            policy: IngressPolicy(
                verifier: SignatureVerifier(secrets: [secret], required: true),
                filter: EventFilter(["*"]),
                access: .everyone,
                maxBody: 4 << 20
            ),
            outbox: outbox,
            meters: DeliveryMeters(registry, outcomes: deliveryOutcomes),
            time: time,
            logger: logger,
            diagnoser: diagnoser
        )
        async let running: Void = diagnoser.run()
        let peer = try #require(PeerAddress("192.0.2.1"))
        func deliver(_ body: [UInt8]) async -> HTTPServerResponse {
            let signature = Hexadecimal.encode(Digest.hmac(.sha256, key: secret, message: body))
            let head = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders([(signatureHeader, signature)]), peer: peer)
            return await route.respond(to: head, body: body)
        }
        let body = Array(#"{"private":"words of a body"}"#.utf8)
        let answer = await deliver(body)
        #expect(answer.status == 401)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("sha256"))

        var seen: [String] = []
        for await line in lines {
            seen.append(line)
            if line.contains("looked into") { break }
        }
        #expect(seen.last?.contains("HMAC-SHA256") == true)
        let everything = seen.joined() + registry.text()
        #expect(!everything.contains("nobody may see") && !everything.contains("words of a body"))
        #expect(registry.text().contains(#"argyle_relay_signature_diagnosis_total{hint="sha256"} 1"#))

        // Too soon, then too large: neither is looked into.
        _ = await deliver(body)
        uptime.set(.seconds(100))
        _ = await deliver([UInt8](repeating: 0x20, count: SignatureDiagnoser.largestBody + 1))
        diagnoser.stop()
        await running
        #expect(registry.text().contains(#"argyle_relay_signature_diagnosis_total{hint="sha256"} 1"#))
    }
    // An object: Swift 6.0 aborts on a lock that is used below an `async let`.
    private final class Uptime: Sendable {
        private let duration = Mutex(Duration.zero)

        var value: Duration { duration.withLock { $0 } }
        func set(_ new: Duration) { duration.withLock { $0 = new } }
    }
}
