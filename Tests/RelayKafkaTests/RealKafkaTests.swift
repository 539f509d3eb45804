import RelayKafka
import RelayTestSupport
import Testing

/// What only real brokers show. Runs where `KAFKA_HOME` names a distribution.
@Suite("a real Kafka", .enabled(if: KafkaCluster.isAvailable), .serialized, .timeLimit(.minutes(2)))
struct RealKafkaTests {
    /// Bytes that lz4 cannot shorten.
    private func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255) }
    }

    @Test("topics are made once, described, written to and read back from any time")
    func journey() async throws {
        try await KafkaCluster.run { cluster in
            let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
            let admin = try TopicAdmin(settings: settings)
            let topics = [NewTopic(name: "events", partitions: 3), NewTopic(name: "dead", partitions: 1)]
            let first = try await blocking { try admin.create(topics, timeout: .seconds(20)) }
            #expect(first.map(\.result) == [.created, .created])
            let again = try await blocking { try admin.create(topics, timeout: .seconds(20)) }
            #expect(again.map(\.result) == [.existed, .existed])
            let many = try await blocking { try admin.create([NewTopic(name: "many", partitions: 1, replicas: 3)], timeout: .seconds(20)) }
            guard case .failed(let refusal) = many.first?.result else { return #expect(Bool(false), "3 replicas on one broker") }
            #expect(refusal.code == "invalid_replication_factor")

            let described = try await blocking { try admin.describe(["events", "nowhere"], timeout: .seconds(10)) }
            #expect(described.first?.partitions.map(\.leader) == [1, 1, 1])
            #expect(described.first?.partitions.map(\.inSyncReplicas) == [[1], [1], [1]])
            #expect(described.last?.error?.code == "unknown_topic_or_part")
            let configuration = try await blocking { try admin.configuration(of: .topic("events"), timeout: .seconds(10)) }
            #expect(configuration["min.insync.replicas"] == "1")
            #expect(configuration["max.message.bytes"] == "1048588")
            let broker = try await blocking { try admin.configuration(of: .broker(1), timeout: .seconds(10)) }
            #expect(broker["message.max.bytes"] == "1048588")
            await #expect(throws: KafkaError.self) {
                try await blocking { try admin.configuration(of: .topic("nowhere"), timeout: .seconds(10)) }
            }

            let log = ReportLog()
            let producer = try log.producer(settings)
            guard case .reachable(1, .some(1)) = await blocking({ producer.probe(timeout: .seconds(10)) }) else {
                return #expect(Bool(false), "no probe")
            }
            let messages = (0..<2000).map { number in
                KafkaMessage(
                    topic: "events",
                    key: Array("user-\(number % 50)".utf8),
                    value: Array("\(number)".utf8),
                    headers: [KafkaHeader(name: "ce_id", text: "\(number)")],
                    timestamp: 1_700_000_000_000 + Int64(number),
                    token: Int64(number)
                )
            }
            #expect(producer.publish(messages).taken == 2000)
            let reports = await log.reports(2000)
            #expect(reports.allSatisfy { $0.outcome.isPublished })
            let records = try await settings.records(in: "events", "dead")
            #expect(records.count == 2000)
            for record in records {
                let number = Int(String(decoding: record.value ?? [], as: UTF8.self)) ?? -1
                #expect(record.headers == [KafkaHeader(name: "ce_id", text: "\(number)")])
                #expect(record.timestamp == 1_700_000_000_000 + Int64(number))
                #expect(
                    reports.contains(
                        DeliveryReport(token: Int64(number), outcome: .published(partition: record.partition, offset: record.offset))
                    )
                )
            }
            let late = try await blocking {
                try KafkaConsumer(settings: settings, topics: ["events"], from: .timestamp(1_700_000_001_500), timeout: .seconds(10))
            }
            let lateRecords = try await late.readToEnd()
            #expect(lateRecords.count == 500)
            #expect(lateRecords.allSatisfy { ($0.timestamp ?? 0) >= 1_700_000_001_500 })
            late.close()

            // A topic that is made only after the producer has asked for it.
            #expect(producer.publish(.plain(9000, topic: "later")) == .enqueued)
            let missing = await log.reports(2001).last
            guard case .retry = missing?.outcome else { return #expect(Bool(false), "\(String(describing: missing))") }
            _ = try await blocking { try admin.create([NewTopic(name: "later", partitions: 1)], timeout: .seconds(20)) }
            _ = await blocking { producer.probe(timeout: .seconds(10)) }
            #expect(producer.publish(.plain(9000, topic: "later")) == .enqueued)
            #expect(await log.reports(2002).last?.outcome.isPublished == true)
            await blocking {
                producer.close()
                admin.close()
            }
        }
    }

    @Test("a batch that is too large for the topic is published record by record, and only the record that is too large itself is dead")
    func sizes() async throws {
        try await KafkaCluster.run(properties: ["message.max.bytes=4000"]) { cluster in
            let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
            let admin = try TopicAdmin(settings: settings)
            _ = try await blocking { try admin.create([NewTopic(name: "t", partitions: 1)], timeout: .seconds(20)) }
            let sizes = (0..<60).map { $0 == 30 ? 5000 : 500 }
            let messages = sizes.enumerated().map {
                KafkaMessage(topic: "t", key: [1], value: noise($0.element), timestamp: 1_700_000_000_000, token: Int64($0.offset))
            }
            let log = ReportLog()
            let producer = try log.producer(settings, sent: messages)
            _ = producer.publish(messages)
            let reports = await log.reports(60)
            for report in reports where report.token != 30 { #expect(report.outcome.isPublished, "\(report)") }
            guard case .dead("msg_size_too_large", _) = reports.first(where: { $0.token == 30 })?.outcome else {
                return #expect(Bool(false), "\(reports)")
            }
            #expect(Set(reports.map(\.token)).count == 60)
            let records = try await settings.records(in: "t")
            #expect(records.count == 59)
            #expect(records.allSatisfy { $0.timestamp == 1_700_000_000_000 })
            // The producer goes on.
            #expect(producer.publish(.plain(100)) == .enqueued)
            #expect(await log.reports(61).last?.outcome.isPublished == true)
            await blocking {
                producer.close()
                admin.close()
            }
        }
    }

    @Test("a broker of three is killed and comes back: every record arrives once and in order")
    func killed() async throws {
        try await KafkaCluster.run(brokers: 3) { cluster in
            let settings = KafkaSettings(bootstrapServers: cluster.bootstrapServers)
            let admin = try TopicAdmin(settings: settings)
            _ = try await blocking { try admin.create([NewTopic(name: "t", partitions: 3)], timeout: .seconds(20)) }
            // The brokers hear of a new topic, and of its leaders, one after the other.
            var leader: Int32?
            while leader == nil, !Task.isCancelled {
                leader = try await blocking { try admin.describe(["t"], timeout: .seconds(10)).first?.partitions.first?.leader }
            }
            let log = ReportLog()
            let producer = try log.producer(settings)
            let send: (Range<Int>) -> Void = { range in
                _ = producer.publish(range.map { .plain(Int64($0), key: "user-\($0 % 7)", value: "\($0)") })
            }
            send(0..<1000)
            _ = await log.reports(500)
            let victim = Int(try #require(leader))
            await cluster.kill(victim)
            send(1000..<2000)
            _ = await log.reports(2000)
            try await cluster.start(victim)
            send(2000..<3000)
            let reports = await log.reports(3000)
            #expect(reports.allSatisfy { $0.outcome.isPublished }, "\(reports.filter { !$0.outcome.isPublished }.prefix(3))")
            let records = try await settings.records(in: "t")
            #expect(records.count == 3000)
            for user in 0..<7 {
                let key = Array("user-\(user)".utf8)
                let numbers = records.filter { $0.key == key }.compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) }
                #expect(numbers == (0..<3000).filter { $0 % 7 == user })
            }
            await blocking {
                producer.close()
                admin.close()
            }
        }
    }

    @Test("a wrong password is named by the probe, the admin client and the events, and is shown by none")
    func wrongPassword() async throws {
        let module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        try await KafkaCluster.run(properties: [
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_PLAINTEXT", "sasl.enabled.mechanisms=PLAIN",
            "inter.broker.listener.name=PLAINTEXT", "sasl.mechanism.inter.broker.protocol=PLAIN",
            "listener.name.plaintext.plain.sasl.jaas.config=\(module) required username=\"a\" password=\"b\" user_a=\"b\" user_relay=\"right\";",
        ]) { cluster in
            func settings(_ password: String) -> KafkaSettings {
                KafkaSettings(
                    bootstrapServers: cluster.bootstrapServers,
                    properties: [
                        ("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "PLAIN"), ("sasl.username", "relay"),
                        ("sasl.password", password),
                    ]
                )
            }
            let log = ReportLog()
            let wrong = try log.producer(settings("hunter2-wrong"))
            guard case .failed("authentication", let detail) = await blocking({ wrong.probe(timeout: .seconds(5)) }) else {
                return #expect(Bool(false), "\(wrong.probe(timeout: .seconds(1)))")
            }
            #expect(!detail.contains("hunter2"))
            #expect(log.events.contains { if case .error("authentication", _) = $0 { true } else { false } })
            #expect(!"\(log.events)".contains("hunter2"))
            await blocking { wrong.close() }
            let admin = try TopicAdmin(settings: settings("hunter2-wrong"))
            await #expect {
                try await blocking { try admin.brokers(timeout: .seconds(3)) }
            } throws: {
                ($0 as? KafkaError)?.code == "authentication" && !"\($0)".contains("hunter2")
            }
            await blocking { admin.close() }
            let right = try ReportLog().producer(settings("right"))
            guard case .reachable = await blocking({ right.probe(timeout: .seconds(10)) }) else {
                return #expect(Bool(false), "the right password is refused")
            }
            await blocking { right.close() }
        }
    }
}
