/// A configuration that passed every check, with where each value came from.
package struct LoadedConfiguration: Sendable {
    package let configuration: RelayConfiguration
    /// What is allowed and yet worth a line in the log.
    package let warnings: [String]
    /// Where each setting's value came from, by the setting's name; what is missing has its default.
    let origins: [String: ValueOrigin]
}

extension RelayConfiguration {
    /// A second opinion on `kafka.properties`, from whoever knows librdkafka: pairs of name and value in, faults out.
    package typealias PropertyCheck = ([(String, String)]) -> [ConfigurationFault]

    /// Reads every source and checks every rule; throws all faults at once.
    ///
    /// Precedence: `flags` (`--set name=value`), `environment` (`RELAY_…`), `file`, defaults. A secret file ranks where its path was given;
    /// giving both a secret and its file in one place is a fault. Files are read at once, relative to the working directory.
    /// `otherVariables` begin with `RELAY_` and are no settings, such as one that names the file.
    package static func load(
        file: ConfigurationFile,
        environment: [String: String] = [:],
        flags: [String: String] = [:],
        otherVariables: Set<String> = [],
        propertyCheck: PropertyCheck = { _ in [] }
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let resolution = SettingsResolution([
            SettingsLayer(file: file), SettingsLayer(environment: environment, others: otherVariables), SettingsLayer(flags: flags),
        ])
        var faults = resolution.faults + SettingsRules(resolution).faults
        let properties = ConfigurationKey.name(\.kafka.properties)
        if !resolution.failed.contains(properties) {
            let refused = propertyCheck(resolution.configuration.kafka.properties.map { ($0.name, $0.value) })
            faults += refused.map { fault in
                var placed = fault
                placed.origin = fault.origin ?? resolution.origins[properties]
                return placed
            }
        }
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
        return LoadedConfiguration(
            configuration: resolution.configuration,
            warnings: resolution.warnings + SettingsWarnings.of(resolution.configuration),
            origins: resolution.origins
        )
    }

    /// Splits the arguments of `--set`, each `name=value`; a name may be set once.
    package static func flags(_ arguments: [String]) throws(ConfigurationError) -> [String: String] {
        var flags: [String: String] = [:]
        var faults: [ConfigurationFault] = []
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first, !name.isEmpty else {
                faults.append(ConfigurationFault(key: "--set", found: "an argument without a name and =", allowed: "name=value"))
                continue
            }
            if flags.updateValue(String(parts[1]), forKey: String(name)) != nil {
                faults.append(
                    ConfigurationFault(key: Quoted.line(String(name.prefix(Quoted.longest))), found: "--set twice", allowed: "once")
                )
            }
        }
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
        return flags
    }

    /// The settings that differ and take effect only in a new process, in the table's order.
    package static func restartKeys(changedFrom old: RelayConfiguration, to new: RelayConfiguration) -> [String] {
        ConfigurationKey.all.filter { $0.change == .restart && $0.differs(old, new) }.map(\.name)
    }

    /// The settings that differ and take effect at once, in the table's order.
    package static func reloadKeys(changedFrom old: RelayConfiguration, to new: RelayConfiguration) -> [String] {
        ConfigurationKey.all.filter { $0.change == .reload && $0.differs(old, new) }.map(\.name)
    }
}
