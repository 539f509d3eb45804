import RelayTestSupport
import Testing

@testable import RelayClient

/// The thread behind a client.
@Suite("A client's end", .timeLimit(.minutes(1)))
struct LifetimeTests {
    @Test("a shut-down client refuses, and being shut down twice is no matter")
    func shutDown() async throws {
        let client = try HTTPClient()
        await client.shutdown()
        await client.shutdown()
        await #expect(throws: HTTPClientError.shutDown) { try await client.execute(url: "http://127.0.0.1:1/") }
    }

    @Test("shutting down fails what is under way and what waits")
    func underWay() async throws {
        try await TestServer.run { server, port in
            let client = try HTTPClient(configuration: .init(maxConnections: 1))
            let url = "http://127.0.0.1:\(port)/hold"
            let running = Task { try await client.execute(url: url) }
            await server.arrived.wait()
            let waiting = Task { try await client.execute(url: url) }
            await client.shutdown()
            await #expect(throws: HTTPClientError.shutDown) { try await running.value }
            await #expect(throws: HTTPClientError.shutDown) { try await waiting.value }
        }
    }

    @Test("a client that is let go without a word takes its thread with it")
    func letGo() async throws {
        let thread = try HTTPClient().thread
        await thread.ended()
    }
}
