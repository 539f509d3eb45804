import ArgumentParser
import FoundationEssentials
import RelayConfiguration
import RelayKafka

/// Where the configuration comes from, for every command that needs it.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The configuration file; relay.yaml is read when it is there.")
    var config: String?

    @Option(
        name: .customLong("set"),
        parsing: .singleValue,
        help: ArgumentHelp("Set one key, above environment and file; may be repeated.", valueName: "key=value")
    )
    var overrides: [String] = []

    /// Every source, checked; faults go to standard error, one line each, and end the program with 78.
    /// - Parameter isServed: see ``loaded(isServed:)``.
    func load(isServed: Bool = false) throws -> LoadedConfiguration {
        do throws(ConfigurationError) { return try loaded(isServed: isServed) } catch {
            try Self.refuse(error.faults)
            throw ExitCode.configuration
        }
    }

    /// Ends the program with 78 when there are faults, one line each.
    static func refuse(_ faults: [ConfigurationFault]) throws {
        for fault in faults { StandardError.line("argyle-relay: \(fault)") }
        if !faults.isEmpty { throw ExitCode.configuration }
    }

    /// Every source, checked.
    /// - Parameter isServed: whether to load what a listener needs as well, which another command's user need not have the rights to read.
    func loaded(isServed: Bool = false) throws(ConfigurationError) -> LoadedConfiguration {
        try RelayConfiguration.load(
            file: config.map(ConfigurationFile.required) ?? .ifPresent("relay.yaml"),
            environment: ProcessInfo.processInfo.environment,
            flags: try RelayConfiguration.flags(overrides),
            propertyCheck: { properties in
                KafkaSettings.check(properties).map {
                    ConfigurationFault(key: "kafka.properties", found: $0.name, allowed: $0.reason)
                }
            },
            tlsCheck: { isServed ? ConfigurationFault.of($0) : [] }
        )
    }
}
