import ArgumentParser
import RelayClient
import RelayConfiguration

/// `argyle-relay health`: what a container's health check runs, which has neither a shell nor curl. It opens no outbox and needs no token.
struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the running relay whether it lives; exit 1 when it does not.",
        discussion: """
            Asks /livez at admin.host and admin.port. With --ready it asks /readyz, which fails while Kafka is away as well: good for a look, and not \
            for a check upon which the relay is killed, since deliveries are taken meanwhile.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Ask whether the relay is ready: listener, store and Kafka.") var ready = false
    @Option(help: "How long an answer may take, in seconds (1 to 300).") var timeout = 5

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout is \(timeout); allowed: 1 to 300") }
    }

    func run() async throws {
        let admin = try options.load().configuration.admin
        let verdict: HealthVerdict
        do throws(HTTPClientError) {
            let client = try HTTPClient(configuration: .init(maxConnections: 1, maxResponseBody: 1 << 16, usesProxies: false))
            verdict = await HealthVerdict(
                asking: client,
                RemoteOperations.url(of: admin) + (ready ? "/readyz" : "/livez"),
                timeout: timeout
            )
            await client.shutdown()
        } catch { verdict = HealthVerdict(isHealthy: false, words: "\(error)") }
        guard verdict.isHealthy else {
            StandardError.line("argyle-relay: \(verdict.words)")
            throw ExitCode.failure
        }
        try StandardOutput.line(verdict.words)
    }
}

/// What an answer, or none, says of the relay. Its words are one line, whatever answers there.
struct HealthVerdict {
    let isHealthy: Bool
    let words: String

    init(isHealthy: Bool, words: String) {
        self.isHealthy = isHealthy
        self.words = words.onOneLine
    }

    init(asking client: HTTPClient, _ url: String, timeout: Int) async {
        do throws(HTTPClientError) {
            let response = try await client.execute(url: url, timeout: .seconds(timeout))
            let body = String(decoding: response.body.prefix(1024), as: UTF8.self).split(separator: "\n").joined(separator: " ")
            let isHealthy = response.status == 200
            self.init(isHealthy: isHealthy, words: isHealthy ? body : "\(url) answers \(response.status): \(body)")
        } catch { self.init(isHealthy: false, words: "\(url): \(error)") }
    }
}
