import RelayCore
import RelayOutbox
import RelayTestSupport
import Testing

@testable import RelayIngress

@Suite("When the last genuine delivery came", .timeLimit(.minutes(1)))
struct LastVerifiedTests {
    @Test("is told of whatever verifies, though it cannot be stored, and of nothing else")
    func verified() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let stand = try IngressStand(in: folder)
        let body = SampleUser(1).body(revision: 1)
        let moment = Timestamp(milliseconds: 1_700_000_000_123)
        for signature in [nil, "xyz", String(signing: body, with: "another")] {
            await #expect(throws: Rejection.self) {
                try await stand.route.accept(Delivery(body: body, signature: signature, receivedAt: moment))
            }
        }
        #expect(stand.route.lastVerified == nil)
        stand.outbox.stop()
        let genuine = Delivery(body: body, signature: String(signing: body, with: RelayPlace.secret), receivedAt: moment)
        await #expect(throws: Rejection.stopping) { try await stand.route.accept(genuine) }
        #expect(stand.route.lastVerified == moment)
    }
}
