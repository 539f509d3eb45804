import ArgumentParser
import FoundationEssentials
import RelayClient
import RelayConfiguration
import RelayCore

/// `argyle-relay send`
struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign and deliver payloads, as Argyle would.",
        discussion: """
            Signs with the first of signature.secrets and posts to the configured listener, or to --url. Exit code 0 when every delivery
            was answered 200, 1 otherwise.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(name: [.short, .long], help: "The body to send, byte for byte; otherwise a sample.") var file: String?
    @Option(name: [.customShort("n"), .long], help: "How many; samples are of as many users, each once.") var count = 1
    @Option(help: "How many connections at most.") var connections = 64
    @Option(help: "Where to, instead of the configured listener.") var url: String?
    @Option(help: "Trust this CA for https (PEM).") var caFile: String?
    @Option(name: .customLong("run"), help: "Makes other sample users than another word does.") var runName = "1"
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...10_000_000).contains(count) else { throw ValidationError("--count must be from 1 to 10000000") }
        guard (1...1024).contains(connections) else { throw ValidationError("--connections must be from 1 to 1024") }
    }

    func run() async throws {
        let configuration = try options.load().configuration
        guard let secret = configuration.signature.secrets.first?.reveal() else {
            StandardError.line("argyle-relay: signature.secrets is empty: there is nothing to sign with")
            throw ExitCode.configuration
        }
        let target = url ?? configuration.deliveryURL
        let fixed = try file.map(readBody)
        let result = await outcome(target, secret: secret, fixed: fixed)
        switch result {
        case .success(let report):
            print(json ? report.json : report.text(single: count == 1))
            if !report.isAllTaken { throw ExitCode.failure }
        case .failure(let error):
            StandardError.line("argyle-relay: \(HTTPURL.shown(target)): \(error)")
            throw ExitCode.failure
        }
    }

    private func outcome(_ target: String, secret: [UInt8], fixed: [UInt8]?) async -> Result<SendReport, HTTPClientError> {
        let run = runName
        return await deliver(to: target, secret: secret) { number in
            fixed
                ?? SampleDelivery.body(
                    user: SampleDelivery.identifier("user", number, run: run),
                    accounts: [SampleDelivery.identifier("account", number, run: run)]
                )
        }
    }

    private func deliver(
        to target: String,
        secret: [UInt8],
        body: @escaping @Sendable (Int) -> [UInt8]
    ) async -> Result<SendReport, HTTPClientError> {
        do throws(HTTPClientError) {
            let client = try HTTPClient(
                configuration: HTTPClient.Configuration(
                    maxConnections: connections,
                    tls: TLSClientConfiguration(caFile: caFile),
                    // The configured listener is this machine's.
                    usesProxies: url != nil
                )
            )
            let sender = DeliverySender(client: client, url: target, secret: secret, time: .system)
            let report = try await sender.deliver(
                count: count,
                connections: connections,
                showsProgress: StandardError.isTerminal && count > 1,
                body: body
            )
            await client.shutdown()
            return .success(report)
        } catch {
            return .failure(error)
        }
    }

    private func readBody(_ path: String) throws -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw ValidationError("\(path) cannot be read")
        }
    }
}

extension RelayConfiguration {
    /// Where this machine reaches the listener.
    var deliveryURL: String { "\(http.tls == nil ? "http" : "https")://\(Self.reachable(http.host)):\(http.port)\(http.path)" }

    /// A listener on every interface is reached by loopback.
    static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}
