import RelayCore
import RelayMetrics
import RelayOutbox
import RelayTestSupport
import Synchronization
import Testing

@testable import RelayIngress

@Suite("The count of what each secret has signed", .timeLimit(.minutes(1)))
struct SecretMatchesTests {
    private func series(_ stand: IngressStand) -> [Substring] {
        stand.registry.text().split(separator: "\n").filter { $0.hasPrefix("argyle_relay_signature_secret_matches_total{") }
    }

    @Test("goes with its secret, so that none that is gone looks unused, and begins at 0 where one comes again")
    func gone() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let stand = try IngressStand(in: folder)
        // Its answers are of no account here, only whose signatures they bear.
        stand.outbox.stop()
        let (new, old) = (Array("new".utf8), IngressStand.secret)
        func adopt(_ secrets: [[UInt8]]) {
            var policy = stand.route.policy.withLock { $0 }
            policy.verifier = SignatureVerifier(secrets: secrets, required: false)
            stand.route.adopt(policy)
        }
        func deliver(_ secret: String?) async {
            let body = SampleUser(1).body(revision: 1)
            let signature = secret.map { String(signing: body, with: $0) }
            await #expect(throws: Rejection.stopping) {
                try await stand.route.accept(Delivery(body: body, signature: signature, receivedAt: Timestamp(milliseconds: 1)))
            }
        }
        adopt([new, old])
        for secret in ["new", RelayPlace.secret, RelayPlace.secret, nil] { await deliver(secret) }
        let name = "argyle_relay_signature_secret_matches_total"
        #expect(series(stand).map(String.init) == ["\(name){secret=\"1\"} 1", "\(name){secret=\"2\"} 2", "\(name){secret=\"none\"} 1"])
        adopt([new])
        #expect(series(stand).map(String.init) == ["\(name){secret=\"1\"} 1", "\(name){secret=\"none\"} 1"])
        adopt([new, old])
        await deliver(RelayPlace.secret)
        #expect(series(stand).contains("\(name){secret=\"2\"} 1"))
    }
}
