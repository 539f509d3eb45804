import RelayConfiguration
import RelayTestSupport
import Testing

@Suite("Which source wins", .timeLimit(.minutes(5)))
struct PrecedenceTests {
    @Test("without any source every setting has its default")
    func defaults() throws {
        let loaded = try load("", environment: ["RELAY_SIGNATURE_REQUIRED": "false"])
        var expected = RelayConfiguration()
        expected.signature.required = false
        #expect(loaded.configuration == expected)
    }

    @Test("relay.yaml goes before the default")
    func fileOverDefault() throws {
        #expect(try load(anySecret + "http: {port: 1}").configuration.http.port == 1)
    }

    @Test("the environment goes before relay.yaml")
    func environmentOverFile() throws {
        let loaded = try load(anySecret + "http: {port: 1}", environment: ["RELAY_HTTP_PORT": "2"])
        #expect(loaded.configuration.http.port == 2)
    }

    @Test("a flag goes before the environment and relay.yaml")
    func flagOverEnvironment() throws {
        let loaded = try load(anySecret + "http: {port: 1}", environment: ["RELAY_HTTP_PORT": "2"], flags: ["http.port": "3"])
        #expect(loaded.configuration.http.port == 3)
        #expect(try load(anySecret + "http: {port: 1}", flags: ["http.port": "3"]).configuration.http.port == 3)
    }

    @Test("a secret file goes before the default, wherever its path is given")
    func secretFile() throws {
        try withFile("from-a-file\n") { (path) throws in
            #expect(try load(anySecret + "admin: {token_file: \(path)}").configuration.admin.token == Secret("from-a-file"))
            #expect(try load(anySecret, environment: ["RELAY_ADMIN_TOKEN_FILE": path]).configuration.admin.token == Secret("from-a-file"))
            #expect(try load(anySecret, flags: ["admin.token_file": path]).configuration.admin.token == Secret("from-a-file"))
        }
    }

    @Test("a secret file named by the environment goes before relay.yaml")
    func secretFileOverFile() throws {
        try withFile("from-a-file") { (path) throws in
            let yaml = anySecret + "admin: {token: from-yaml}"
            let loaded = try load(yaml, environment: ["RELAY_ADMIN_TOKEN_FILE": path])
            #expect(loaded.configuration.admin.token == Secret("from-a-file"))
        }
    }

    @Test("the environment goes before a secret file named by relay.yaml")
    func environmentOverSecretFile() throws {
        try withFile("from-a-file") { (path) throws in
            let yaml = anySecret + "admin: {token_file: \(path)}"
            #expect(try load(yaml, environment: ["RELAY_ADMIN_TOKEN": "from-env"]).configuration.admin.token == Secret("from-env"))
        }
    }

    @Test("a secret file named by a flag goes before all others")
    func flaggedSecretFile() throws {
        try withFile("from-a-file") { (path) throws in
            let yaml = anySecret + "admin: {token: from-yaml}"
            let loaded = try load(yaml, environment: ["RELAY_ADMIN_TOKEN": "from-env"], flags: ["admin.token_file": path])
            #expect(loaded.configuration.admin.token == Secret("from-a-file"))
        }
    }

    @Test("a secret file that is covered by something higher is not read")
    func coveredSecretFile() throws {
        let yaml = anySecret + "admin: {token_file: /nowhere}"
        #expect(try load(yaml, environment: ["RELAY_ADMIN_TOKEN": "from-env"]).configuration.admin.token == Secret("from-env"))
    }

    @Test("a value that is covered by something higher is checked all the same")
    func coveredFault() {
        #expect(faults(anySecret + "http: {port: x}", flags: ["http.port": "3"]).count == 1)
    }

    @Test("a list in one text has commas, or is a YAML flow list")
    func lists() throws {
        let commas = try load(anySecret, environment: ["RELAY_EVENTS_ACCEPT": "users.*, accounts.*"])
        #expect(commas.configuration.events.accept == ["users.*", "accounts.*"])
        let flow = try load("", environment: ["RELAY_SIGNATURE_SECRETS": "[\"one,with,commas\", two-is-longer]"])
        #expect(flow.configuration.signature.secrets == [Secret("one,with,commas"), Secret("two-is-longer")])
        let empty = try load(anySecret + "access: {allow: [argyle]}", flags: ["access.allow": "[]"])
        #expect(empty.configuration.access.allow.isEmpty)
        let servers = try load(anySecret, environment: ["RELAY_KAFKA_BOOTSTRAP_SERVERS": "a:9092,[::1]:9093"])
        #expect(servers.configuration.kafka.bootstrapServers == .servers(["a:9092", "[::1]:9093"]))
        #expect(try load(anySecret, flags: ["kafka.bootstrap_servers": "embedded"]).configuration.kafka.bootstrapServers == .embedded)
    }

    @Test("null stands for no value where a setting may be left out")
    func null() throws {
        let loaded = try load(anySecret + "admin: {token: }\nhttp:\n  tls:\n    certificate_file: ~\n")
        #expect(loaded.configuration.admin.token == nil)
        #expect(loaded.configuration.http.tls == nil)
        #expect(
            faults(anySecret + "http: {port: }") == [
                "http.port: found nothing (relay.yaml:2); allowed: a port, 1 to 65535 (0 takes any free one)"
            ]
        )
    }

    @Test("a file that need not exist is skipped when it does not")
    func absentFile() throws {
        let environment = ["RELAY_SIGNATURE_REQUIRED": "false"]
        _ = try RelayConfiguration.load(file: .ifPresent("/nowhere/relay.yaml"), environment: environment)
        #expect(throws: ConfigurationError.self) {
            try RelayConfiguration.load(file: .required("/nowhere/relay.yaml"), environment: environment)
        }
        try withFile("http: {port: 7}") { (path) throws in
            let loaded = try RelayConfiguration.load(file: .ifPresent(path), environment: environment)
            #expect(loaded.configuration.http.port == 7)
        }
    }

    @Test("--set takes name=value, each name once")
    func setArguments() throws {
        #expect(try RelayConfiguration.flags(["a=b", "c=", "d=e=f"]) == ["a": "b", "c": "", "d": "e=f"])
        let error = caught(ConfigurationError.self) { try RelayConfiguration.flags(["hunter2", "=x", "a=1", "a=2"]) }
        #expect(error?.faults.count == 3)
        #expect(error?.description.contains("hunter2") == false)
    }
}
