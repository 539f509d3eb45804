import ArgumentParser
import ArgyleAPI
import RelayClient
import RelayConfiguration

/// A client of Argyle's API for one command, closed when that is done; its failures become a line and an exit code.
struct ArgyleSession {
    let configuration: RelayConfiguration
    let client: ArgyleClient

    static func run(_ options: ConfigurationOptions, _ body: (ArgyleSession) async throws -> Void) async throws {
        let configuration = try options.load().configuration
        do {
            guard let (http, client) = try ArgyleClient.of(configuration) else {
                StandardError.line("argyle-relay: argyle.api_key_id and argyle.api_key_secret are missing; Argyle's console shows them")
                throw ExitCode.configuration
            }
            let result = await outcome { try await body(ArgyleSession(configuration: configuration, client: client)) }
            await http.shutdown()
            try result.get()
        } catch let error as ArgyleError {
            StandardError.line("argyle-relay: \(error.description.onOneLine)")
            throw error.isTemporary ? ExitCode.tryAgain : ExitCode.failure
        } catch let error as HTTPClientError {
            StandardError.line("argyle-relay: \(error.description.onOneLine)")
            throw ExitCode.configuration
        }
    }

    private static func outcome(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension ArgyleClient {
    /// A client by the configured key, and what it sends by, which the caller shuts down; nil without a key.
    static func of(
        _ configuration: RelayConfiguration,
        clock: any Clock<Duration> = ContinuousClock(),
        retry: RetryPolicy = RetryPolicy()
    ) throws(HTTPClientError) -> (HTTPClient, ArgyleClient)? {
        guard let id = configuration.argyle.apiKeyID, let secret = configuration.argyle.apiKeySecret else { return nil }
        let http = try HTTPClient()
        let client = try ArgyleClient(
            baseURL: configuration.argyle.apiURL,
            credential: Credential(id: id.revealText(), secret: secret.revealText()),
            http: http,
            clock: clock,
            time: .system,
            retry: retry
        )
        return (http, client)
    }
}
