import ArgumentParser
import FoundationEssentials
import RelayAdmin
import RelayConfiguration
import RelayCore
import RelayKafka
import RelayOutbox
import Synchronization

/// `argyle-relay doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything the relay needs: one line each; exit 1 on a failure.",
        discussion: "Changes nothing, prints no secret, and works while the relay runs."
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false
    @Option(help: "Where Argyle delivers, as its subscriptions have it; without, whatever has the path http.path.") var url: String?

    func validate() throws { if let url { try WantedOptions.check(url: url) } }

    func run() async throws {
        let relay = await RunningRelay.status(options)
        let subscriptions = await subscriptions()
        let show = { @Sendable [json] (finding: Finding, width: Int) in if !json { print(finding.line(width: width)) } }
        let findings = await blocking { [options] in Self.examine(options, relay, subscriptions, show) }
        let report = FindingReport(findings)
        if json { print(try report.json()) }
        if report.verdict == .failed { throw ExitCode.failure }
    }

    /// Blocks.
    /// - Parameters:
    ///   - relay: what runs on the outbox, as it tells of itself.
    ///   - subscriptions: what was found about Argyle's.
    ///   - show: is called with each finding as it comes, and the width of the checks' names.
    private static func examine(
        _ options: ConfigurationOptions,
        _ relay: StatusReport?,
        _ subscriptions: [Finding],
        _ show: @escaping (Finding, Int) -> Void
    ) -> [Finding] {
        var findings: [Finding] = []
        var width = 20
        let report = { (finding: Finding) in
            findings.append(finding)
            show(finding, width)
        }
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) { loaded = try options.loaded() } catch {
            for fault in error.faults {
                report(.failed("configuration", fault.description, "mend it; relay.yaml.example explains every setting"))
            }
            return findings
        }
        let path = options.config ?? "relay.yaml"
        let file = FileManager.default.fileExists(atPath: path) ? path : nil
        let configuration = loaded.configuration
        if configuration.kafka.bootstrapServers != .embedded {
            width += configuration.topicsKnownAhead.map(\.text.count).max() ?? 0
        }
        report(.ok("configuration", "\(file ?? "no file, environment and defaults alone"), fingerprint \(loaded.fingerprint().prefix(12))"))
        switch configuration.kafka.bootstrapServers {
        case .embedded:
            report(
                .warning(
                    "kafka.connection",
                    "kafka.bootstrap_servers is embedded: for trying out only, its records end with the relay",
                    "name your brokers"
                )
            )
        case .servers(let servers):
            KafkaChecks(
                configuration: configuration,
                settings: configuration.kafkaSettings(bootstrapServers: servers),
                oldestWaiting: oldestWaiting(configuration, relay).map { TimeSource.system.now().elapsed(since: $0) }
            ).run(report)
        }
        DiskChecks(configuration: configuration).run(report)
        report(
            DescriptorCheck(budget: .prospect(loops: RelayConfiguration.eventLoops)).finding(
                maxConnections: configuration.http.maxConnections
            )
        )
        StrandedCheck.findings(configuration, relay).forEach(report)
        report(ClockCheck.finding(now: TimeSource.system.now(), written: OutboxGlance.lastWritten(at: configuration.outbox.path)))
        if let files = configuration.http.tls { report(CertificateCheck.finding(files, now: TimeSource.system.now())) }
        ExposureChecks(loaded: loaded, file: file).run(report)
        subscriptions.forEach(report)
        SubscriptionCheck.losses(relay).forEach(report)
        return findings
    }

    /// A configuration that cannot be loaded is told by the first check.
    private func subscriptions() async -> [Finding] {
        guard let configuration = try? options.loaded().configuration else { return [] }
        return await SubscriptionCheck(configuration: configuration, url: url).findings()
    }

    /// When the oldest entry that waits was received; nil where nothing waits, or nobody can tell.
    private static func oldestWaiting(_ configuration: RelayConfiguration, _ relay: StatusReport?) -> Timestamp? {
        if let relay { return relay.oldestPending }
        if case .idle(_, _, let oldest) = OutboxGlance(path: configuration.outbox.path) { return oldest }
        return nil
    }
}
