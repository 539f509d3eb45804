import RelayClient
import RelayConfiguration
import RelayCore
import RelayHTTP
import RelayIngress
import RelayKafka

/// The demo's four deliveries and what Kafka holds afterwards, told in a few lines.
struct DemoStage {
    let relay: Relay
    let secret: [UInt8]

    var url: String { "http://127.0.0.1:\(relay.ingress.boundPort ?? 0)\(relay.configuration.http.path)" }

    func play() async throws {
        let broker = relay.configuration.servers(embedded: relay.embedded).joined(separator: ",")
        print("argyle-relay listens at \(url) and publishes to Kafka at \(broker)\n")
        let client = try HTTPClient()
        let two = SampleDelivery.body(user: SampleDelivery.user, accounts: Array(SampleDelivery.accounts.prefix(2)))
        let three = SampleDelivery.body(user: SampleDelivery.user, accounts: SampleDelivery.accounts)
        try await deliver(two, as: "a first delivery, two accounts", with: client)
        try await deliver(two, as: "the same once more           ", with: client)
        try await deliver(three, as: "one with a forged signature  ", signedWith: Array("forged".utf8), with: client)
        try await deliver(three, as: "another account was added    ", with: client)
        await client.shutdown()
        try await showRecords(count: 2)
    }

    private func deliver(_ body: [UInt8], as title: String, signedWith other: [UInt8]? = nil, with client: HTTPClient)
        async throws
    {
        let signature = SampleDelivery.signature(of: body, secret: other ?? secret)
        let response = try await client.execute(
            method: "POST",
            url: url,
            headers: [("content-type", "application/json"), (signatureHeader, signature)],
            body: body
        )
        let answer = String(decoding: response.body, as: UTF8.self).split(separator: "\n").joined()
        print("\(title)  → \(response.status) \(answer)")
    }

    /// Reads the topic from its beginning with a consumer of its own, as any other client would.
    private func showRecords(count: Int) async throws {
        guard let topic = relay.configuration.routing.topic(for: .usersFullySynced) else { return }
        let settings = relay.configuration.kafkaSettings(bootstrapServers: relay.configuration.servers(embedded: relay.embedded))
        print("\nin Kafka, topic \(topic.text):")
        let records = try await Self.read(count, from: topic, settings: settings)
        for record in records {
            print("  \(record.partition)@\(record.offset)  \(String(decoding: TailLine.json(record), as: UTF8.self))")
        }
        guard records.count == count else {
            throw StartFailure("\(records.count) events arrived in Kafka within 15 s, \(count) were to arrive")
        }
    }

    private static func read(_ count: Int, from topic: TopicName, settings: KafkaSettings) async throws -> [ConsumedRecord] {
        try await blocking {
            let consumer = try KafkaConsumer(settings: settings, topics: [topic.text], from: .beginning, timeout: .seconds(10))
            defer { consumer.close() }
            var records: [ConsumedRecord] = []
            let deadline = TimeSource.system.uptime() + .seconds(15)
            while records.count < count, TimeSource.system.uptime() < deadline {
                for case .record(let record) in try consumer.read(maximum: 10, timeout: .milliseconds(200)) { records.append(record) }
            }
            return records.sorted { $0.timestamp ?? 0 < $1.timestamp ?? 0 }
        }
    }
}
