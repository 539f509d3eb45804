import RelayCore
import RelayHTTP
import RelayMetrics
import RelayTestSupport
import Synchronization
import Testing

@testable import RelayIngress

@Suite("The signature diagnoser", .timeLimit(.minutes(5)))
struct SignatureDiagnoserTests {
    @Test("a delivery signed with SHA-256 is refused like any other, and log and metric say why", .timeLimit(.minutes(1)))
    func journey() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let uptime = Uptime()
        let stand = try IngressStand(in: folder, path: "/", maxBody: 4 << 20, uptime: { uptime.value }) {
            SignatureDiagnoser($0, time: $1, logger: $2)
        }
        let diagnoser = try #require(stand.diagnoser)
        async let running: Void = diagnoser.run()
        let peer = try #require(PeerAddress("192.0.2.1"))
        func deliver(_ body: [UInt8]) async -> HTTPServerResponse {
            let signature = Hexadecimal.encode(Digest.hmac(.sha256, key: IngressStand.secret, message: body))
            let head = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders([(signatureHeader, signature)]), peer: peer)
            return await stand.route.respond(to: head, body: body)
        }
        let body = Array(#"{"private":"words of a body"}"#.utf8)
        let answer = await deliver(body)
        #expect(answer.status == 401)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("sha256"))

        await stand.log.wait(for: "looked into")
        let seen = stand.log.lines
        #expect(seen.last { $0.contains("looked into") }?.contains("HMAC-SHA256") == true)
        let everything = seen.joined() + stand.registry.text()
        #expect(!everything.contains(RelayPlace.secret) && !everything.contains("words of a body"))
        #expect(stand.registry.text().contains(#"argyle_relay_signature_diagnosis_total{hint="sha256"} 1"#))

        // Too soon, then too large: neither is looked into.
        _ = await deliver(body)
        uptime.set(.seconds(100))
        _ = await deliver([UInt8](repeating: 0x20, count: SignatureDiagnoser.largestBody + 1))
        diagnoser.stop()
        await running
        #expect(stand.registry.text().contains(#"argyle_relay_signature_diagnosis_total{hint="sha256"} 1"#))
    }
    // An object: Swift 6.0 aborts on a lock that is used below an `async let`.
    private final class Uptime: Sendable {
        private let duration = Mutex(Duration.zero)

        var value: Duration { duration.withLock { $0 } }
        func set(_ new: Duration) { duration.withLock { $0 = new } }
    }
}
