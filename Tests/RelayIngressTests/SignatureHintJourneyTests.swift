import FoundationEssentials
import Logging
import RelayCore
import RelayHTTP
import RelayMetrics
import RelayOutbox
import Synchronization
import Testing

@testable import RelayIngress

@Suite("The hints about a refused signature, from the route to the log", .timeLimit(.minutes(5)))
struct SignatureHintJourneyTests {
    /// How a delivery was signed, and what is to be found.
    struct Accident: Sendable, CustomTestStringConvertible {
        let hint: SignatureDiagnosis.Hint
        var configured = "s3cr3t-of-ours"
        var signer = "s3cr3t-of-ours"
        var algorithm = Digest.Algorithm.sha512
        var prefix = ""
        var signed = indented
        var delivered = indented

        var testDescription: String { hint.rawValue }
    }

    private static let compact = #"{"event":"users.fully_synced","data":{"user":"words of a body"}}"#
    private static let indented = "{\n  \"event\": \"users.fully_synced\",\n  \"data\": {\n    \"user\": \"words of a body\"\n  }\n}"

    static let accidents = [
        Accident(hint: .sha256, algorithm: .sha256),
        Accident(hint: .headerPrefix, prefix: "sha512="),
        Accident(hint: .headerPrefix, prefix: "0x"),
        Accident(hint: .secretTrimmed, configured: " s3cr3t-of-ours\n"),
        Accident(hint: .secretUnquoted, configured: "\"s3cr3t-of-ours\""),
        Accident(hint: .secretUnmarked, configured: "\u{FEFF}s3cr3t-of-ours"),
        Accident(hint: .secretSpaced, signer: "s3cr3t-of-ours\n"),
        Accident(hint: .secretQuoted, signer: "\"s3cr3t-of-ours\""),
        Accident(hint: .secretMarked, signer: "\u{FEFF}s3cr3t-of-ours"),
        Accident(hint: .newlineRemoved, delivered: indented + "\n"),
        Accident(hint: .newlineAdded, signed: indented + "\n"),
        Accident(hint: .markRemoved, delivered: "\u{FEFF}" + indented),
        Accident(hint: .markAdded, signed: "\u{FEFF}" + indented),
        Accident(hint: .bodyCompact, signed: compact),
        Accident(hint: .bodyIndented, delivered: compact),
        Accident(hint: .noMatch, signer: "another"),
    ]

    @Test(
        "a delivery is refused without a word about why, and log and metric say what to do without a secret or a body",
        .timeLimit(.minutes(1)),
        arguments: accidents
    )
    func journey(accident: Accident) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hints-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let registry = MetricsRegistry()
        let time = TimeSource(now: { Timestamp(milliseconds: 1_700_000_000_000) }, uptime: { .zero })
        let log = LineLog()
        let logger = Logger(label: "test") { _ in log }
        let diagnoser = SignatureDiagnoser(registry, time: time, logger: logger)
        let route = try route(accident, in: folder, registry: registry, time: time, logger: logger, diagnoser: diagnoser)
        let signature =
            accident.prefix
            + Hexadecimal.encode(
                Digest.hmac(accident.algorithm, key: Array(accident.signer.utf8), message: Array(accident.signed.utf8))
            )
        let peer = try #require(PeerAddress("192.0.2.1"))
        let head = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders([(signatureHeader, signature)]), peer: peer)
        let answer = await route.respond(to: head, body: Array(accident.delivered.utf8))
        #expect(answer.status == 401)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains(accident.hint.meaning))

        // It was offered before the answer; the end of the stream is behind it.
        diagnoser.stop()
        await diagnoser.run()
        let lines = log.lines
        #expect(lines.contains { $0.contains(accident.hint.meaning) }, "\(lines)")
        #expect(registry.text().contains("argyle_relay_signature_diagnosis_total{hint=\"\(accident.hint.rawValue)\"} 1"))
        let everything = lines.joined() + registry.text()
        #expect(!everything.contains("s3cr3t") && !everything.contains("words of a body") && !everything.contains(signature))
    }

    private func route(
        _ accident: Accident,
        in folder: String,
        registry: MetricsRegistry,
        time: TimeSource,
        logger: Logger,
        diagnoser: SignatureDiagnoser
    ) throws -> WebhookRoute {
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
        return WebhookRoute(
            path: "/",
            policy: IngressPolicy(
                verifier: SignatureVerifier(secrets: [Array(accident.configured.utf8)], required: true),
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
    }

    /// A log that keeps its lines.
    private struct LineLog: LogHandler {
        private final class Kept: Sendable {
            let lines = Mutex<[String]>([])
        }

        private let kept = Kept()
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]
        var lines: [String] { kept.lines.withLock { $0 } }

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
            kept.lines.withLock { $0.append("\(message) \(metadata ?? [:])") }
        }
    }
}
