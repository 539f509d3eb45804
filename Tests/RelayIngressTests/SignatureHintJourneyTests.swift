import RelayCore
import RelayHTTP
import RelayMetrics
import RelayTestSupport
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
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let stand = try IngressStand(
            in: folder,
            path: "/",
            secret: Array(accident.configured.utf8),
            diagnoser: { SignatureDiagnoser($0, time: $1, logger: $2) }
        )
        let diagnoser = try #require(stand.diagnoser)
        let signature =
            accident.prefix
            + Hexadecimal.encode(
                Digest.hmac(accident.algorithm, key: Array(accident.signer.utf8), message: Array(accident.signed.utf8))
            )
        let peer = try #require(PeerAddress("192.0.2.1"))
        let head = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders([(signatureHeader, signature)]), peer: peer)
        let answer = await stand.route.respond(to: head, body: Array(accident.delivered.utf8))
        #expect(answer.status == 401)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains(accident.hint.meaning))

        // It was offered before the answer; the end of the stream is behind it.
        diagnoser.stop()
        await diagnoser.run()
        let lines = stand.log.lines
        #expect(lines.contains { $0.contains(accident.hint.meaning) }, "\(lines)")
        #expect(stand.registry.text().contains("argyle_relay_signature_diagnosis_total{hint=\"\(accident.hint.rawValue)\"} 1"))
        let everything = lines.joined() + stand.registry.text()
        #expect(!everything.contains("s3cr3t") && !everything.contains("words of a body") && !everything.contains(signature))
    }
}
