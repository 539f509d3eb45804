import RelayConfiguration
import Testing

@Suite("Secrets among the settings", .timeLimit(.minutes(5)))
struct SecretTests {
    let secret = Secret("hunter2hunter2")

    @Test("a secret prints as <redacted> wherever it is printed")
    func neverPrints() {
        var configuration = RelayConfiguration()
        configuration.signature.secrets = [secret]
        configuration.admin.token = secret
        configuration.argyle.apiKeySecret = secret
        configuration.kafka.properties = [KafkaProperty(name: "sasl.password", value: "hunter2hunter2")]
        var dumped = ""
        dump(secret, to: &dumped)
        dump(configuration, to: &dumped)
        dump([configuration], to: &dumped)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), String(describing: [secret]), "\(secret as Any)",
            String(describing: configuration), String(reflecting: configuration), "\(configuration.kafka.properties)",
            String(reflecting: configuration.kafka.properties), dumped,
        ]
        for text in printed {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("<redacted>"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(!(secret as Any is any Encodable))
    }

    @Test("secrets are equal when all their bytes are")
    func equality() {
        #expect(secret == Secret(bytes: Array("hunter2hunter2".utf8)))
        #expect(secret != Secret("hunter2hunter3"))
        #expect(secret != Secret("hunter2"))
        #expect(secret != Secret("hunter2hunter2 "))
        #expect(secret.matches("hunter2hunter2".utf8))
        #expect(!secret.matches("Hunter2hunter2".utf8))
        #expect(!secret.matches([]))
        #expect(Secret("") == Secret(""))
    }

    @Test("the bytes of a secret leave through the functions named for it")
    func reveals() {
        #expect(secret.reveal() == Array("hunter2hunter2".utf8))
        #expect(secret.revealText() == "hunter2hunter2")
        #expect(secret.withBytes { Array($0) } == Array("hunter2hunter2".utf8))
        #expect(secret.count == 14)
    }
}
