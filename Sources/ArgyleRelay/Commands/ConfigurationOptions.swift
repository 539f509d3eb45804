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
    func load() throws -> LoadedConfiguration {
        do throws(ConfigurationError) { return try loaded() } catch {
            for fault in error.faults { StandardError.line("argyle-relay: \(fault)") }
            throw ExitCode.configuration
        }
    }

    /// Every source, checked.
    func loaded() throws(ConfigurationError) -> LoadedConfiguration {
        try RelayConfiguration.load(
            file: config.map(ConfigurationFile.required) ?? .ifPresent("relay.yaml"),
            environment: ProcessInfo.processInfo.environment,
            flags: try RelayConfiguration.flags(overrides),
            propertyCheck: { properties in
                KafkaSettings.check(properties).map {
                    ConfigurationFault(key: "kafka.properties", found: $0.name, allowed: $0.reason)
                }
            }
        )
    }
}
