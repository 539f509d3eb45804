/// Everything an operator can set, checked and typed; a property's initial value is the setting's default.
///
/// A value that came out of `load` has passed every rule of the settings' table; one made in code is as good as the code that made it.
package struct RelayConfiguration: Sendable, Equatable {
    package var http = HTTP()
    package var signature = Signature()
    package var access = Access()
    package var events = Events()
    package var envelope = Envelope()
    package var dedup = Dedup()
    package var outbox = Outbox()
    package var kafka = Kafka()
    package var admin = Admin()
    package var argyle = Argyle()
    package var log = Log()

    /// The defaults.
    package init() {}

    /// The ingress listener.
    package struct HTTP: Sendable, Equatable {
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 8080
        package var path = "/webhooks/argyle"
        /// Bytes.
        package var maxBody = 1 << 20
        package var requestTimeout = Duration.seconds(10)
        package var answerTimeout = Duration.seconds(8)
        package var idleTimeout = Duration.seconds(75)
        package var maxConnections = 1024
        package var tlsFiles = TLSFiles()

        package init() {}

        /// TLS when a certificate is configured; plain HTTP otherwise.
        package var tls: TLS? {
            guard let certificate = tlsFiles.certificate, let privateKey = tlsFiles.privateKey else { return nil }
            return TLS(certificateFile: certificate, privateKeyFile: privateKey, clientCAFile: tlsFiles.clientCA)
        }
    }

    /// The three TLS settings as they were given; whether they fit together is checked when they are loaded.
    package struct TLSFiles: Sendable, Equatable {
        package var certificate: String?
        package var privateKey: String?
        package var clientCA: String?

        package init() {}
    }

    /// PEM files of a listener with TLS; with a client CA it is mutual TLS.
    package struct TLS: Sendable, Equatable {
        package let certificateFile: String
        package let privateKeyFile: String
        package let clientCAFile: String?

        package init(certificateFile: String, privateKeyFile: String, clientCAFile: String?) {
            self.certificateFile = certificateFile
            self.privateKeyFile = privateKeyFile
            self.clientCAFile = clientCAFile
        }
    }

    package struct Signature: Sendable, Equatable {
        package var secrets: [Secret] = []
        package var required = true

        package init() {}
    }

    package struct Access: Sendable, Equatable {
        /// Empty admits every address.
        package var allow: [AccessRule] = []
        package var trustedProxies: [CIDR] = []

        package init() {}
    }

    package struct Events: Sendable, Equatable {
        /// Globs, in which `*` stands for any run of characters.
        package var accept = ["*.fully_synced"]

        package init() {}
    }
}
