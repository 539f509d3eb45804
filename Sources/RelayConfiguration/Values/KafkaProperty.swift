/// One `name=value` that is handed to librdkafka as it stands.
///
/// It prints its value only when the name does not speak of a secret (`sasl.password`, `ssl.key.pem`, …).
package struct KafkaProperty: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Reads `name=value`; `nil` unless the name is of librdkafka's characters and the value fits into a C string.
    package init?(_ text: String) {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = text[..<equals].utf8
        let value = text[text.utf8.index(after: equals)...]
        guard (1...128).contains(name.count), name.allSatisfy({ ASCII.isLetterOrDigit($0) || "._-".utf8.contains($0) }),
            value.utf8.count <= 65536, !value.utf8.contains(0)
        else { return nil }
        self.init(name: String(text[..<equals]), value: String(value))
    }

    /// Whether the value is a secret, judged by the name.
    package var isSecret: Bool {
        Self.telltales.contains { name.lowercased().contains($0) }
    }

    private static let telltales = ["password", "secret", "token", "key.pem", "sasl.jaas", "oauthbearer.config", "credential"]
}

extension KafkaProperty: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(name)=\(isSecret ? Secret.redaction : value)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["name": name, "value": isSecret ? Secret.redaction : value]) }
}
