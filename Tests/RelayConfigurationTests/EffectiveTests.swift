import FoundationEssentials
import RelayConfiguration
import RelayCore
import Testing

@Suite("The effective configuration", .timeLimit(.minutes(5)))
struct EffectiveTests {
    @Test("the listing shows every setting, its value and where it came from")
    func listing() throws {
        try withFile("a-token-in-a-file") { (path) throws in
            let loaded = try load(
                anySecret + "kafka: {properties: [linger.ms=5, sasl.password=hunter2]}\n",
                environment: ["RELAY_HTTP_PORT": "9", "RELAY_ADMIN_TOKEN_FILE": path],
                flags: ["dedup.retention": "forever"]
            )
            let rows = loaded.effective()
            #expect(rows.map(\.key) == ConfigurationKey.all.map(\.name))
            let row = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0) })
            #expect(row["http.host"]?.origin == .standard)
            #expect(row["http.host"]?.value == .text("127.0.0.1"))
            #expect(row["http.port"]?.origin == .environment(variable: "RELAY_HTTP_PORT"))
            #expect(row["http.port"]?.value == .text("9"))
            #expect(row["dedup.retention"]?.origin == .flag)
            #expect(row["dedup.retention"]?.value == .text("forever"))
            #expect(row["signature.secrets"]?.origin == .file(path: "relay.yaml", line: 1))
            #expect(row["signature.secrets"]?.value == .list(["<redacted>"]))
            #expect(row["admin.token"]?.origin == .secretFile(path: path, namedBy: .environment(variable: "RELAY_ADMIN_TOKEN_FILE")))
            #expect(row["admin.token"]?.value == .text("<redacted>"))
            #expect(row["argyle.api_key_id"]?.value == ShownValue.none)
            #expect(row["kafka.properties"]?.value == .list(["linger.ms=5", "sasl.password=<redacted>"]))
            for text in [loaded.effectiveText(), try loaded.effectiveJSON()] {
                #expect(!text.contains("hunter2") && !text.contains("abcdefgh") && !text.contains("a-token"))
                #expect(ConfigurationKey.all.allSatisfy { text.contains($0.name) })
            }
            #expect(loaded.effectiveText().contains("argyle.api_key_id"))
            #expect(loaded.effectiveText().contains("<none>"))
            #expect(loaded.effectiveText().split(separator: "\n").count == rows.count)
        }
    }

    @Test(
        "a property whose name speaks of a secret is redacted",
        arguments: [
            "sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.jaas.config", "SASL.PASSWORD",
            "my.token",
        ]
    )
    func redactedProperties(name: String) {
        #expect(KafkaProperty(name: name, value: "hunter2").description == "\(name)=<redacted>")
        #expect(KafkaProperty(name: "ssl.key.location", value: "/key").description == "ssl.key.location=/key")
    }

    @Test("the JSON listing can be read back")
    func json() throws {
        struct Report: Decodable {
            struct Setting: Decodable {
                let key: String
                let origin: String
                let reloadable: Bool
            }
            let settings: [Setting]
            let warnings: [String]
            let fingerprint: String
        }
        let loaded = try load(anySecret)
        let report = try JSONDecoder().decode(Report.self, from: Data(loaded.effectiveJSON().utf8))
        #expect(report.settings.map(\.key) == ConfigurationKey.all.map(\.name))
        #expect(report.settings.filter(\.reloadable).map(\.key) == ConfigurationKey.all.filter { $0.change == .reload }.map(\.name))
        #expect(report.warnings == loaded.warnings)
        #expect(report.fingerprint == loaded.fingerprint())
    }

    @Test("equal values have one fingerprint, wherever they came from, and any difference has another")
    func fingerprint() throws {
        let first = try load(anySecret + "http: {port: 1}").fingerprint()
        #expect(first.utf8.count == 64)
        #expect(first.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
        #expect(try load(anySecret, flags: ["http.port": "1"]).fingerprint() == first)
        #expect(try load(anySecret + "http: {port: 1}\nlog: {level: info}", flags: ["outbox.retry.max_delay": "1m"]).fingerprint() == first)
        var seen: Set<String> = [first]
        for yaml in [
            "http: {port: 2}", "http: {port: 1}\nadmin: {token: abcdefgh1}", "http: {port: 1}\nadmin: {token: abcdefgh2}",
            "http: {port: 1}\nkafka: {properties: [sasl.password=a]}", "http: {port: 1}\nkafka: {properties: [sasl.password=b]}",
            "http: {port: 1}\nevents: {accept: [a, b]}", "http: {port: 1}\nevents: {accept: [a.b]}",
        ] {
            #expect(try seen.insert(load(anySecret + yaml).fingerprint()).inserted)
        }
        #expect(try seen.insert(load("signature: {secrets: [abcdefgh12345679]}\nhttp: {port: 1}").fingerprint()).inserted)
    }

    @Test("a reload may change exactly the settings that the running relay can follow")
    func reload() {
        let reloadable = Set(ConfigurationKey.all.filter { $0.change == .reload }.map(\.name))
        #expect(
            reloadable == [
                "signature.secrets", "signature.required", "access.allow", "access.trusted_proxies", "events.accept", "log.level",
                "http.max_body",
                "http.request_timeout", "http.answer_timeout", "http.idle_timeout", "outbox.retention", "dedup.retention", "dedup.window",
                "dedup.resent",
                "outbox.max_pending",
                "outbox.min_free_disk",
                "outbox.retry.initial_delay", "outbox.retry.max_delay", "admin.token",
                "http.tls.certificate_file", "http.tls.private_key_file", "http.tls.client_ca_file",
            ]
        )
        let old = RelayConfiguration()
        var new = old
        #expect(RelayConfiguration.restartKeys(changedFrom: old, to: new).isEmpty)
        new.signature.secrets = [Secret("x")]
        new.log.level = .debug
        #expect(RelayConfiguration.restartKeys(changedFrom: old, to: new).isEmpty)
        #expect(RelayConfiguration.reloadKeys(changedFrom: old, to: new, startedWith: old) == ["signature.secrets", "log.level"])
        new.kafka.topic = TopicTemplate("x") ?? .standard
        new.http.port = 1
        new.admin.token = Secret("x")
        #expect(
            RelayConfiguration.reloadKeys(changedFrom: old, to: new, startedWith: old) == ["signature.secrets", "admin.token", "log.level"]
        )
        #expect(RelayConfiguration.restartKeys(changedFrom: old, to: new) == ["http.port", "kafka.topic"])
    }

    @Test("TLS files are taken by a reload; TLS is switched on and off by a restart alone")
    func tls() {
        let plain = RelayConfiguration()
        var first = plain
        (first.http.tlsFiles.certificate, first.http.tlsFiles.privateKey) = ("a.crt", "a.key")
        var second = first
        (second.http.tlsFiles.privateKey, second.http.tlsFiles.clientCA) = ("b.key", "ca.crt")
        let keys = { (started: RelayConfiguration, new: RelayConfiguration) in
            (
                RelayConfiguration.reloadKeys(changedFrom: started, to: new, startedWith: started),
                RelayConfiguration.restartKeys(changedFrom: started, to: new)
            )
        }
        #expect(keys(first, second) == (["http.tls.private_key_file", "http.tls.client_ca_file"], []))
        #expect(keys(plain, first) == ([], ["http.tls.certificate_file", "http.tls.private_key_file"]))
        #expect(keys(first, plain) == ([], ["http.tls.certificate_file", "http.tls.private_key_file"]))
        // What waits for a restart is not in force, whatever the last reload had read.
        #expect(RelayConfiguration.reloadKeys(changedFrom: first, to: second, startedWith: plain) == [])
    }
}
