/// What is allowed and yet deserves a word at start: settings that are right for trying out and wrong for use.
enum SettingsWarnings {
    /// Secrets shorter than this are accepted with a warning.
    static let shortSecret = 8

    static func of(_ configuration: RelayConfiguration) -> [String] {
        var warnings: [String] = []
        let name = { (path: PartialKeyPath<RelayConfiguration>) in ConfigurationKey.name(path) }
        let signature = configuration.signature
        if !signature.required {
            warnings.append("\(name(\.signature.required)) is false: anyone who reaches the listener can deliver")
        }
        for (index, secret) in signature.secrets.enumerated() {
            if secret.count < shortSecret {
                warnings.append("\(name(\.signature.secrets)): secret \(index + 1) is shorter than \(shortSecret) bytes")
            }
            if signature.secrets[..<index].contains(secret) {
                warnings.append("\(name(\.signature.secrets)): secret \(index + 1) is there twice")
            }
        }
        if let token = configuration.admin.token, token.count < shortSecret {
            warnings.append("\(name(\.admin.token)) is shorter than \(shortSecret) bytes")
        }
        if configuration.access.trustedProxies.contains(where: { $0.prefix == 0 }) {
            warnings.append("\(name(\.access.trustedProxies)) covers every address: anyone can claim any address")
        }
        if configuration.kafka.bootstrapServers == .embedded {
            warnings.append("\(name(\.kafka.bootstrapServers)) is embedded: for trying out only, its records are lost when the relay stops")
        }
        if configuration.libraryRecordLimit < configuration.largestRecord {
            warnings.append(
                "\(name(\.kafka.properties)): \(RelayConfiguration.recordLimitProperty) is \(configuration.libraryRecordLimit), and a delivery of "
                    + "\(name(\.http.maxBody)) may make a record of \(configuration.largestRecord) bytes: such a one becomes dead without Kafka having been asked"
            )
        }
        let argyle = configuration.argyle
        if argyle.apiKeySecret != nil, argyle.apiURL.hasPrefix("http://"), !Host.isLoopback(Host.host(ofURL: argyle.apiURL)) {
            warnings.append("\(name(\.argyle.apiURL)) is plain http: the API key crosses the network unencrypted")
        }
        return warnings
    }
}
