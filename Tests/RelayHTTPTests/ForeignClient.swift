import RelayClient

/// Runs `body` with a client of another making than the server under test, which goes to no proxy.
func withClient(
    _ configuration: HTTPClient.Configuration = HTTPClient.Configuration(),
    _ body: (HTTPClient) async throws -> Void
) async throws {
    var configuration = configuration
    configuration.usesProxies = false
    let client = try HTTPClient(configuration: configuration)
    do { try await body(client) } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}
