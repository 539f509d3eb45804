import Glibc
import RelayConfiguration
import Testing

@Suite("The configuration file", .timeLimit(.minutes(5)))
struct FileTests {
    private func fault(_ path: String) -> String {
        do throws(ConfigurationError) {
            _ = try RelayConfiguration.load(file: .required(path))
            return ""
        } catch {
            return error.faults.first?.description ?? ""
        }
    }

    @Test("a configuration file that cannot be used is a fault and nothing else is")
    func unusableFiles() throws {
        #expect(fault("/nowhere").contains("\"/nowhere\", which does not exist"))
        #expect(fault("/tmp").contains("which is a folder"))
        #expect(fault("/dev/zero").contains("which is no regular file"))
        try withFile([UInt8](repeating: 0x23, count: (1 << 20) + 1)) { #expect(fault($0).contains("larger than 1MiB")) }
        try withFile([0x61, 0x3a, 0x20, 0xff]) { #expect(fault($0).contains("bytes that are not UTF-8 (\($0):1)")) }
        try withFile("a: [1\n") { #expect(fault($0).contains("column")) }
        try withFile("a: [1\n") { (path) throws in
            #expect(throws: ConfigurationError.self) { try RelayConfiguration.load(file: .required(path)) }
            do throws(ConfigurationError) {
                _ = try RelayConfiguration.load(file: .required(path), environment: ["RELAY_HTTP_PORT": "x"])
            } catch {
                #expect(error.faults.map(\.key) == ["configuration file", "http.port"])
            }
        }
    }

    @Test("a pipe without a writer is refused instead of waited for")
    func pipe() throws {
        try withFile("") { (path) throws in
            unlink(path)
            #expect(mkfifo(path, 0o600) == 0)
            #expect(fault(path).contains("which is no regular file"))
            let found = faults("admin: {token_file: \(path)}\n" + anySecret)
            #expect(found.count == 1)
            #expect(found.first?.contains("which is no regular file") == true)
        }
    }

    @Test("a file without permission is a fault", .enabled(if: geteuid() != 0))
    func permission() throws {
        try withFile("x") { (path) throws in
            chmod(path, 0)
            #expect(fault(path).contains("which may not be read"))
        }
    }

    @Test("a secret file gives its content less one newline at its end")
    func newline() throws {
        for (content, value) in [("s3cret\n", "s3cret"), ("s3cret", "s3cret"), ("s3cret\r\n", "s3cret")] {
            let loaded = try withFile(content) { try load(anySecret + "admin: {token_file: \($0)}") }
            #expect(loaded.configuration.admin.token == Secret(value))
        }
        try withFile("s3cret \n\n") { (path) throws in
            let loaded = try load(anySecret + "argyle: {api_key_id: a, api_key_secret: b}\nkafka: {properties: ['a=b ']}")
            #expect(loaded.configuration.kafka.properties.first?.value == "b ")
            let found = faults(anySecret + "admin: {token_file: \(path)}")
            #expect(found.count == 1)
            #expect(found.first?.contains("s3cret") == false)
        }
    }

    @Test("a file of signing secrets holds one a line")
    func secretLines() throws {
        try withFile("first-secret\nsecond, with a comma\n") { (path) throws in
            let loaded = try load("signature: {secrets_file: \(path)}")
            #expect(loaded.configuration.signature.secrets == [Secret("first-secret"), Secret("second, with a comma")])
        }
        for content in ["", "\n", "one\n\ntwo\n"] {
            try withFile(content) { (path) throws in
                let found = faults("signature: {secrets_file: \(path)}")
                #expect(found.count == 1)
                #expect(found.first?.contains("signature.secrets: found ") == true)
                #expect(found.first?.contains("(secret file \(path), named by relay.yaml:1)") == true)
            }
        }
    }

    @Test("a file of Kafka properties holds one a line, with comments and blank lines")
    func propertyLines() throws {
        try withFile("# SASL\r\nsasl.username=relay\r\n\r\nsasl.password=a=b#c\r\n") { (path) throws in
            let properties = try load(anySecret, environment: ["RELAY_KAFKA_PROPERTIES_FILE": path]).configuration.kafka.properties
            #expect(
                properties == [KafkaProperty(name: "sasl.username", value: "relay"), KafkaProperty(name: "sasl.password", value: "a=b#c")]
            )
        }
    }

    @Test("a secret file that cannot be used is a fault of the setting that names it")
    func unusableSecretFiles() throws {
        #expect(
            faults(anySecret, flags: ["admin.token_file": "/nowhere"]) == [
                "admin.token_file: found \"/nowhere\", which does not exist (--set); allowed: a readable file of at most 256KiB"
            ]
        )
        #expect(faults(anySecret, flags: ["admin.token_file": ""]).count == 1)
        #expect(faults(anySecret + "admin: {token_file: [a]}").count == 1)
        #expect(faults(anySecret + "admin: {token_file: }").count == 1)
        try withFile([0xff, 0xfe]) { #expect(faults(anySecret, flags: ["admin.token_file": $0]).first?.contains("not UTF-8") == true) }
        try withFile([UInt8](repeating: 0x61, count: 300_000)) {
            #expect(faults(anySecret, flags: ["admin.token_file": $0]).first?.contains("larger than 256KiB") == true)
        }
    }

    @Test("a secret and its file in one place are a fault; in two places the higher counts")
    func both() throws {
        try withFile("from-a-file") { (path) throws in
            let yaml = faults(anySecret + "admin: {token: x, token_file: \(path)}")
            #expect(yaml == ["admin.token: found both admin.token and admin.token_file (relay.yaml:2); allowed: one of them"])
            #expect(faults(anySecret, environment: ["RELAY_ADMIN_TOKEN": "x", "RELAY_ADMIN_TOKEN_FILE": path]).count == 1)
            #expect(faults(anySecret + "admin: {token: x}", environment: ["RELAY_ADMIN_TOKEN_FILE": path]).isEmpty)
        }
    }
}
