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

    /// A second opinion on the TLS files, from whoever can load them.
    package typealias TLSCheck = (TLS) -> [ConfigurationFault]

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
        propertyCheck: PropertyCheck = { _ in [] },
        tlsCheck: TLSCheck = { _ in [] }
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let resolution = SettingsResolution([
            SettingsLayer(file: file), SettingsLayer(environment: environment, others: otherVariables), SettingsLayer(flags: flags),
        ])
        var faults = resolution.faults + SettingsRules(resolution).faults
        let place = { (fault: ConfigurationFault) in
            var placed = fault
            placed.origin = fault.origin ?? resolution.origins[fault.key]
            return placed
        }
        let failed = resolution.failed.union(faults.map(\.key))
        if !failed.contains(ConfigurationKey.name(\.kafka.properties)) {
            faults += propertyCheck(resolution.configuration.kafka.properties.map { ($0.name, $0.value) }).map(place)
        }
        if let tls = resolution.configuration.http.tls, failed.isDisjoint(with: tlsKeys) { faults += tlsCheck(tls).map(place) }
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

    /// The settings that differ from those a relay was started with and take effect only in a new process, in the table's order.
    package static func restartKeys(changedFrom started: RelayConfiguration, to new: RelayConfiguration) -> [String] {
        ConfigurationKey.all.filter { needsRestart($0, started, new) && $0.differs(started, new) }.map(\.name)
    }

    /// The settings that differ from those in force and take effect at once in a relay that was started with `started`, in the table's order.
    package static func reloadKeys(
        changedFrom old: RelayConfiguration,
        to new: RelayConfiguration,
        startedWith started: RelayConfiguration
    ) -> [String] {
        ConfigurationKey.all.filter { !needsRestart($0, started, new) && $0.differs(old, new) }.map(\.name)
    }

    /// TLS files may be renewed and renamed; whether a listener speaks TLS at all is settled when it starts.
    private static func needsRestart(_ key: ConfigurationKey, _ started: RelayConfiguration, _ new: RelayConfiguration) -> Bool {
        key.change == .restart || tlsKeys.contains(key.name) && (started.http.tls == nil) != (new.http.tls == nil)
    }

    private static let tlsKeys: Set<String> = [
        ConfigurationKey.name(\.http.tlsFiles.certificate), ConfigurationKey.name(\.http.tlsFiles.privateKey),
        ConfigurationKey.name(\.http.tlsFiles.clientCA),
    ]
}
