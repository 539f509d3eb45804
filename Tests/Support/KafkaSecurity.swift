/// A listener of a broker's that wants TLS, a user with a password, and rights; whoever comes without is a super user on the other one.
package struct KafkaSecurity: Sendable {
    package let certificates: Certificates
    package let user: String
    package let password: String

    package init(certificates: Certificates, user: String, password: String) {
        (self.certificates, self.user, self.password) = (certificates, user, password)
    }

    /// Lines for `server.properties`, of which Java believes the last.
    func properties(plain: UInt16, controller: UInt16, secured: UInt16) -> [String] {
        let modules = "org.apache.kafka.common.security"
        return [
            "listeners=PLAINTEXT://127.0.0.1:\(plain),CONTROLLER://127.0.0.1:\(controller),SASL_SSL://127.0.0.1:\(secured)",
            "advertised.listeners=PLAINTEXT://127.0.0.1:\(plain),SASL_SSL://127.0.0.1:\(secured)",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
            "sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config=\(modules).plain.PlainLoginModule required user_\(user)=\"\(password)\";",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\(modules).scram.ScramLoginModule required;",
            "ssl.keystore.type=PEM", "ssl.keystore.location=\(certificates.path("server-all.pem"))",
            "ssl.truststore.type=PEM", "ssl.truststore.location=\(certificates.path("ca.pem"))",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users=User:ANONYMOUS",
        ]
    }

    /// Arguments of `kafka-storage.sh format`.
    var formatting: [String] { ["--add-scram", "SCRAM-SHA-512=[name=\(user),password=\(password)]"] }

    /// `kafka.properties` of a relay that comes as the user, in YAML.
    package func properties(mechanism: String, password: String? = nil) -> String {
        let properties = [
            "security.protocol=SASL_SSL", "sasl.mechanism=\(mechanism)", "sasl.username=\(user)",
            "sasl.password=\(password ?? self.password)", "ssl.ca.location=\(certificates.path("ca.pem"))",
        ]
        return "[\(properties.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }
}
