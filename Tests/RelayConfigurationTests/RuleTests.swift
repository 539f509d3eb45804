import RelayConfiguration
import Testing

@Suite("Rules over several keys", .timeLimit(.minutes(5)))
struct RuleTests {
    @Test("a required signature needs a secret, and only then")
    func secrets() {
        #expect(
            faults("") == [
                "signature.secrets: found none; allowed: at least one secret while signature.required is true; see signature.secrets_file"
            ]
        )
        #expect(faults("signature: {secrets: []}").count == 1)
        #expect(faults("signature: {required: false}").isEmpty)
        #expect(faults("signature: {required: false, secrets: [abc]}").isEmpty)
    }

    @Test(
        "an admin listener that others can reach needs a token",
        arguments: [
            ("0.0.0.0", 1), ("::", 1), ("10.0.0.1", 1), ("relay.example", 1), ("127.0.0.5", 0), ("'::1'", 0), ("localhost", 0),
            ("'::ffff:127.0.0.1'", 0),
        ]
    )
    func token(host: String, count: Int) {
        let quoted = host == "::" ? "'::'" : host
        #expect(faults(anySecret + "admin: {host: \(quoted)}").count == count)
        #expect(faults(anySecret + "admin: {host: \(quoted), token: abcdefgh}").isEmpty)
    }

    @Test("TLS needs a certificate and a key, and mutual TLS needs TLS")
    func tls() throws {
        try withFile("pem") { (path) throws in
            let tls = { (settings: String) in faults(anySecret + "http: {tls: {\(settings)}}") }
            #expect(tls("certificate_file: \(path), private_key_file: \(path)").isEmpty)
            #expect(tls("certificate_file: \(path), private_key_file: \(path), client_ca_file: \(path)").isEmpty)
            #expect(tls("certificate_file: \(path)").map { $0.hasPrefix("http.tls.private_key_file: found none") } == [true])
            #expect(tls("private_key_file: \(path)").map { $0.hasPrefix("http.tls.certificate_file: found none") } == [true])
            #expect(tls("client_ca_file: \(path)").map { $0.hasPrefix("http.tls.client_ca_file: found a path without TLS") } == [true])
            #expect(tls("certificate_file: /nowhere, private_key_file: \(path)").map { $0.contains("which does not exist") } == [true])
            let loaded = try load(anySecret + "http: {tls: {certificate_file: \(path), private_key_file: \(path)}}").configuration
            #expect(loaded.http.tls == .init(certificateFile: path, privateKeyFile: path, clientCAFile: nil))
        }
        #expect(RelayConfiguration().http.tls == nil)
    }

    @Test("whoever can load the TLS files is asked about files that keep the rules, and its fault says where the path was given")
    func tlsCheck() throws {
        try withFile("pem") { (path) throws in
            var asked: [RelayConfiguration.TLS] = []
            func refusals(_ settings: String) -> [String] {
                do throws(ConfigurationError) {
                    _ = try load(
                        anySecret + settings,
                        tlsCheck: {
                            asked.append($0)
                            return [ConfigurationFault(key: "http.tls.private_key_file", found: "another's", allowed: "its own")]
                        }
                    )
                    return []
                } catch { return error.faults.map(\.description) }
            }
            #expect(refusals("http: {port: 1}").isEmpty)
            #expect(refusals("http: {tls: {certificate_file: \(path), private_key_file: /nowhere}}").count == 1)
            #expect(asked.isEmpty)
            let faults = refusals("http: {tls: {certificate_file: \(path), private_key_file: \(path)}}")
            #expect(asked == [.init(certificateFile: path, privateKeyFile: path, clientCAFile: nil)])
            #expect(faults.map { $0.hasPrefix("http.tls.private_key_file: found another's (relay.yaml") } == [true], "\(faults)")
        }
    }

    @Test(
        "two listeners do not share a port on an address",
        arguments: [
            ("127.0.0.1", 1, "127.0.0.1", 1, 1), ("127.0.0.1", 1, "127.0.0.1", 2, 0), ("127.0.0.1", 0, "127.0.0.1", 0, 0),
            ("127.0.0.1", 1, "127.0.0.2", 1, 0), ("0.0.0.0", 1, "127.0.0.1", 1, 1), ("localhost", 1, "127.0.0.1", 1, 1),
            ("::1", 1, "0:0:0:0:0:0:0:1", 1, 1),
        ]
    )
    func listeners(host: String, port: Int, adminHost: String, adminPort: Int, count: Int) {
        let yaml = "http: {host: '\(host)', port: \(port)}\nadmin: {host: '\(adminHost)', port: \(adminPort)}\n"
        #expect(faults(anySecret + yaml).count == count)
    }

    @Test("the first pause is no longer than the longest")
    func retry() {
        #expect(
            faults(anySecret + "outbox: {retry: {initial_delay: 2m}}") == [
                "outbox.retry.max_delay: found 1m; allowed: at least outbox.retry.initial_delay (2m)"
            ]
        )
        #expect(faults(anySecret + "outbox: {retry: {initial_delay: 60s}}").isEmpty)
    }

    @Test("dead letters have a topic of their own")
    func topics() {
        #expect(faults(anySecret + "kafka: {topic: argyle.dead-letter}").count == 1)
        #expect(faults(anySecret + "kafka: {topic: a, dead_letter_topic: b}").isEmpty)
    }

    @Test("an API key has both halves or neither")
    func apiKey() {
        #expect(faults(anySecret + "argyle: {api_key_id: a}").map { $0.hasPrefix("argyle.api_key_secret: found none") } == [true])
        #expect(faults(anySecret + "argyle: {api_key_secret: a}").map { $0.hasPrefix("argyle.api_key_id: found none") } == [true])
        #expect(faults(anySecret + "argyle: {api_key_id: a, api_key_secret: b}").isEmpty)
    }

    @Test("a rule is silent about a setting that already has a fault")
    func oneLineAMistake() {
        #expect(faults("signature: {secrets: ['']}").count == 1)
        #expect(faults("signature: {secrets_file: /nowhere}").count == 1)
        #expect(faults(anySecret + "admin: {host: 0.0.0.0, token: ''}").count == 1)
        #expect(faults("signature: [").count == 1)
    }

    @Test(
        "what is allowed and not wise is a warning",
        arguments: [
            ("signature: {required: false}", "signature.required is false"),
            ("signature: {secrets: [short]}", "secret 1 is shorter than 8 bytes"),
            ("signature: {secrets: [abcdefgh1, abcdefgh1]}", "secret 2 is there twice"),
            (anySecret + "admin: {token: abc}", "admin.token is shorter than 8 bytes"),
            (anySecret + "access: {trusted_proxies: ['::/0']}", "access.trusted_proxies covers every address"),
            (anySecret, "kafka.bootstrap_servers is embedded"),
            (anySecret + "argyle: {api_url: 'http://api', api_key_id: a, api_key_secret: b}", "argyle.api_url is plain http"),
            (anySecret + "kafka: {properties: ['message.max.bytes=1000000']}", "message.max.bytes is 1000000"),
            (anySecret + "http: {max_body: 64MiB}\nenvelope: {include_raw: true}", "may make a record of"),
        ]
    )
    func warnings(yaml: String, warning: String) throws {
        let warnings = try load(yaml).warnings
        #expect(warnings.contains { $0.contains(warning) })
        #expect(!warnings.contains { $0.contains("abcdefgh") })
    }

    @Test("a configuration for use has no warnings")
    func noWarnings() throws {
        let yaml =
            anySecret
            + "http: {max_body: 64MiB}\nkafka: {bootstrap_servers: ['a:1']}\nargyle: {api_url: 'http://127.0.0.1:1', api_key_id: a, api_key_secret: b}"
        #expect(try load(yaml).warnings.isEmpty)
    }

    @Test("variables that Kubernetes sets for a service are no settings, and said so")
    func kubernetes() throws {
        let links = [
            "RELAY_SERVICE_HOST": "10.0.0.1", "RELAY_SERVICE_PORT": "80", "RELAY_SERVICE_PORT_HTTP": "80",
            "RELAY_PORT": "tcp://10.0.0.1:80",
            "RELAY_PORT_80_TCP": "tcp://10.0.0.1:80", "RELAY_PORT_80_TCP_PROTO": "tcp", "RELAY_PORT_80_TCP_PORT": "80",
            "RELAY_PORT_80_TCP_ADDR": "10.0.0.1", "RELAY_HTTP_PORT": "tcp://10.0.0.1:80",
        ]
        let loaded = try load(anySecret, environment: links)
        #expect(loaded.configuration.http.port == 8080)
        #expect(loaded.warnings.filter { $0.contains("Kubernetes") }.count == links.count)
        #expect(faults(anySecret, environment: ["RELAY_PORT": "80"]).count == 1)
        #expect(faults(anySecret, environment: ["RELAY_PORT_X_TCP": "80"]).count == 1)
    }
}
