extension SettingsLayer {
    /// Reads the variables that begin with `RELAY_`; the rest of the environment is none of ours.
    ///
    /// `others` are variables with that prefix that someone else reads.
    init(environment: [String: String], others: Set<String> = []) {
        let names = Dictionary(
            ConfigurationKey.byName.keys.map { (ConfigurationKey.variable($0), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(ConfigurationKey.variablePrefix) {
            if others.contains(variable) { continue }
            if KubernetesServiceLink.matches(variable, value) {
                warnings.append(
                    "\(Quoted.line(variable)) is ignored: Kubernetes sets it for a service (enableServiceLinks: false ends that)"
                )
                continue
            }
            let origin = ValueOrigin.environment(variable: variable)
            guard let name = names[variable], let key = ConfigurationKey.byName[name] else {
                if faults.count < Self.mostFaults { report(.unknown(variable: variable)) }
                continue
            }
            values[name] = Given(raw: .written(value, for: key, name: name), origin: origin)
        }
    }

    /// Reads settings by name, as `--set name=value` gives them.
    init(flags: [String: String]) {
        for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
            guard let key = ConfigurationKey.byName[name] else {
                if faults.count < Self.mostFaults { report(.unknown(name, at: .flag)) }
                continue
            }
            values[name] = Given(raw: .written(value, for: key, name: name), origin: .flag)
        }
    }
}
