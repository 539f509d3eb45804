import RelayKafka
import Testing

@Suite("KafkaSettings", .timeLimit(.minutes(5)))
struct KafkaSettingsTests {
    @Test(
        "a property that would weaken delivery is refused with a reason",
        arguments: [
            ("acks", "1"), ("request.required.acks", "1"), ("enable.idempotence", "false"), ("message.timeout.ms", "1000"),
            ("delivery.timeout.ms", "1000"), ("retries", "0"), ("message.send.max.retries", "0"), ("max.in.flight", "6"),
            ("max.in.flight.requests.per.connection", "100"), ("partitioner", "random"), ("transactional.id", "x"),
            ("bootstrap.servers", "a:1"), ("metadata.broker.list", "a:1"), ("test.mock.num.brokers", "3"), ("dr_cb", "x"),
            ("dr_msg_cb", "x"), ("error_cb", "x"), ("log_cb", "x"), ("oauthbearer_token_refresh_cb", "x"), ("opaque", "x"),
            ("queue.buffering.max.messages", "1"), ("queue.buffering.max.kbytes", "1"), ("enable.gapless.guarantee", "true"),
            ("queuing.strategy", "lifo"), ("allow.auto.create.topics", "true"), ("allow.auto.create.topics", "1"),
            ("plugin.library.paths", "/tmp/x.so"), ("delivery.report.only.error", "true"),
        ]
    )
    func forbidden(name: String, value: String) throws {
        let faults = KafkaSettings.check([(name, value)])
        #expect(faults.map(\.name) == [name])
        #expect(faults.first?.reason.isEmpty == false)
        // Not even a caller that checks nothing gets such a producer.
        #expect(throws: KafkaError.self) {
            try ReportLog().producer(KafkaSettings(bootstrapServers: ["127.0.0.1:1"], properties: [(name, value)])).close()
        }
    }

    @Test("ordinary properties pass, and a name that librdkafka does not know or a value that it cannot read is told")
    func readable() {
        #expect(
            KafkaSettings.check([
                ("compression.codec", "zstd"), ("linger.ms", "20"), ("max.in.flight", "1"), ("queue.buffering.max.ms", "5"),
                ("client.id", "x"), ("debug", "broker"), ("batch.size", "500000"), ("allow.auto.create.topics", "false"),
                ("message.max.bytes", "900000000"),
            ]) == []
        )
        #expect(KafkaSettings.check([("linger.mss", "5")]).map(\.name) == ["linger.mss"])
        let bad = KafkaSettings.check([("linger.ms", "soon"), ("compression.codec", "rar"), ("acks", "0")])
        #expect(Set(bad.map(\.name)) == ["linger.ms", "compression.codec", "acks"])
    }

    @Test("faults that show only in company are told, too")
    func together() {
        let faults = KafkaSettings.check([("security.protocol", "ssl"), ("ssl.ca.location", "/nowhere/ca.pem")])
        #expect(faults.count == 1)
        #expect(faults.first?.reason.contains("ssl.ca.location") == true, "\(faults)")
    }

    @Test(
        "no fault and no error shows a secret",
        arguments: ["sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret"]
    )
    func secrets(name: String) {
        #expect(KafkaSettings.isSensitive(name))
        let secret = "hunter2-\u{1}-secret"
        let properties = [("security.protocol", "sasl_ssl"), ("sasl.mechanism", "PLAIN"), (name, secret), ("linger.ms", secret)]
        let faults = KafkaSettings.check(properties)
        #expect(faults.contains { $0.name == "linger.ms" })
        #expect(!faults.contains { $0.reason.contains("hunter2") }, "\(faults)")
        #expect(!KafkaSettings.check([(name, secret)]).contains { $0.reason.contains("hunter2") })
        #expect {
            try ReportLog().producer(KafkaSettings(bootstrapServers: ["127.0.0.1:1"], properties: properties))
        } throws: {
            !"\($0)".contains("hunter2")
        }
    }

    @Test("locations, users and URLs are not taken for secrets")
    func notSecret() {
        for name in ["ssl.ca.location", "sasl.username", "ssl.key.location", "client.id", "sasl.oauthbearer.token.endpoint.url"] {
            #expect(!KafkaSettings.isSensitive(name))
        }
    }

    @Test("the redactor takes out longer secrets before those they contain")
    func redactor() {
        let redact = Redactor(secrets: ["abc", "", "abcdef"])
        #expect(redact("x abcdef y abc z") == "x [redacted] y [redacted] z")
    }

    @Test("the library's version decides what is warned of")
    func version() {
        let parts = KafkaLibrary.version.split(separator: ".").compactMap { Int($0) }
        #expect(parts.count == 3)
        #expect(KafkaLibrary.scramRefusedByKafka4 == parts.lexicographicallyPrecedes([2, 6, 1]))
        #expect((KafkaLibrary.ageWarning != nil) == parts.lexicographicallyPrecedes([2, 10, 0]))
    }
}
