import Synchronization
import Testing

@testable import RelayKafka

@Suite("TopicAdmin", .timeLimit(.minutes(1)))
struct TopicAdminTests {
    // confluentinc/librdkafka#4907, mended in 2.10.0: it crashes on a topic's error that arrives with partitions, as the mock cluster sends it.
    private static let crashesOnTopicErrors = KafkaLibrary.ageWarning != nil && !KafkaLibrary.version.hasPrefix("2.0.")

    @Test(
        "a topic is described with leader, replicas and in-sync replicas; a missing one by its error",
        .disabled(if: crashesOnTopicErrors, "librdkafka before 2.10.0 crashes on a topic's error (confluentinc/librdkafka#4907)")
    )
    func describe() async throws {
        let broker = try EmbeddedBroker(brokers: 3)
        defer { broker.close() }
        try broker.createTopic("t", partitions: 4, replicas: 3)
        try broker.createTopic("t", partitions: 4, replicas: 3)
        try broker.setTopicError("hidden", 29)
        let admin = try TopicAdmin(settings: broker.settings)
        defer { admin.close() }
        let topics = try await blocking { try admin.describe(["t", "hidden"], timeout: .seconds(10)) }
        #expect(topics.map(\.name) == ["t", "hidden"])
        #expect(topics.first?.error == nil)
        #expect(topics.first?.partitions.map(\.id) == [0, 1, 2, 3])
        for partition in topics.first?.partitions ?? [] {
            #expect(Set(partition.replicas) == [1, 2, 3])
            #expect(!partition.inSyncReplicas.isEmpty)
            #expect(partition.leader.map { (1...3).contains($0) } == true)
        }
        #expect(topics.last?.error?.code == "topic_authorization_failed")
        let brokers = try await blocking { try admin.brokers(timeout: .seconds(10)) }
        #expect(brokers.map(\.id).sorted() == [1, 2, 3])
        #expect(Set(brokers.map { "\($0.host):\($0.port)" }) == Set(broker.bootstrapServers))
    }

    @Test("without a broker every question fails within its timeout and says why")
    func noBroker() async throws {
        let admin = try TopicAdmin(settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]))
        defer { admin.close() }
        let limit = Duration.milliseconds(700)
        let took = await blocking {
            ContinuousClock().measure {
                #expect(throws: KafkaError.self) { try admin.describe(["t"], timeout: limit) }
                #expect(throws: KafkaError.self) { try admin.brokers(timeout: limit) }
                #expect(throws: KafkaError.self) { try admin.create([NewTopic(name: "t", partitions: 1)], timeout: limit) }
                #expect(throws: KafkaError.self) { try admin.configuration(of: .broker(1), timeout: limit) }
            }
        }
        #expect(took < .seconds(8), "\(took)")
    }

    @Test("a closed admin client says so")
    func closed() throws {
        let admin = try TopicAdmin(settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]))
        admin.close()
        admin.close()
        #expect(throws: KafkaError(code: "closed", detail: "the client has been closed")) { try admin.brokers(timeout: .seconds(1)) }
    }

    @Test("close() ends a topic's making that no broker answers")
    func closing() async throws {
        let admin = try TopicAdmin(settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]))
        async let failure = blocking { () -> KafkaError? in
            do throws(KafkaError) { _ = try admin.create([NewTopic(name: "t", partitions: 1)], timeout: .seconds(50)) } catch {
                return error
            }
            return nil
        }
        while admin.isAskingNobody { await Task.yield() }
        let took = await blocking { ContinuousClock().measure { admin.close() } }
        #expect(await failure == .closed)
        #expect(took < .seconds(10), "\(took)")
    }

    @Test("impossible topics are refused before anything is sent", arguments: [("", 1), ("t", 0), ("t", -5)])
    func impossible(name: String, partitions: Int) throws {
        let admin = try TopicAdmin(settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]))
        defer { admin.close() }
        #expect(throws: KafkaError.self) { try admin.create([NewTopic(name: name, partitions: partitions)], timeout: .seconds(1)) }
    }
}

extension TopicAdmin {
    // A function of its own: Swift 6.0 aborts on a lock's closure below an `async let`.
    fileprivate var isAskingNobody: Bool { waits.withLock { $0.isEmpty } }
}
