extension KafkaSettings {
    /// Whether the value of `name` must never be shown.
    package static func isSensitive(_ name: String) -> Bool {
        if ["sasl.oauthbearer.config", "ssl.keystore.location.password"].contains(name) { return true }
        return ["password", "secret", ".pem", "token", "assertion.private", "jaas"].contains { name.contains($0) }
            && !name.hasSuffix(".url") && !name.hasSuffix(".file")
    }

    /// Takes the sensitive values out of texts that librdkafka wrote.
    var redactor: Redactor {
        Redactor(secrets: properties.filter { Self.isSensitive($0.0) }.map(\.1))
    }
}

/// Replaces every known secret in a text. It cannot know secrets that are not in the settings.
package struct Redactor: Sendable {
    private let secrets: [String]

    package init(secrets: [String]) {
        // The longest first: a secret may contain another.
        self.secrets = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    package func callAsFunction(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "[redacted]") }
    }
}
