/// One thing an operator has to mend: which setting, what was found, what is allowed.
///
/// It is one line whatever the input was, and never holds a secret: whoever makes one passes `found` through `Quoted`, or leaves the value out.
package struct ConfigurationFault: Sendable, Equatable {
    /// The setting, or the file or variable when there is no setting to name.
    package let key: String
    package let found: String
    package let allowed: String
    package var origin: ValueOrigin?
    /// What was probably meant: the nearest known key, the right network.
    package let hint: String?

    package init(key: String, found: String, allowed: String, origin: ValueOrigin? = nil, hint: String? = nil) {
        self.key = key
        self.found = found
        self.allowed = allowed
        self.origin = origin
        self.hint = hint
    }
}

extension ConfigurationFault: CustomStringConvertible {
    package var description: String {
        let place = origin.map { " (\($0))" } ?? ""
        let meant = hint.map { "; \($0)" } ?? ""
        return Quoted.line("\(key): found \(found)\(place); allowed: \(allowed)\(meant)")
    }
}

/// Every fault of a configuration at once: of the sources, then of settings in their table's order, then of settings that do not fit together.
///
/// The command that meets it prints it and exits with 78 (`EX_CONFIG`).
package struct ConfigurationError: Error, Sendable, Equatable {
    package let faults: [ConfigurationFault]

    package init(faults: [ConfigurationFault]) {
        self.faults = faults
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One line a fault.
    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
