import Dispatch
import Foundation
import Logging
import RelayCore
import RelayKafka
import RelayMetrics
import RelayOutbox
import RelayTestSupport

@testable import RelayPublisher

/// Outbox, publisher and embedded broker, in a folder of their own.
final class TestRelay: Sendable {
    static let topic = "argyle.users.fully-synced"

    let broker: EmbeddedBroker
    let folder: String

    init() throws {
        broker = try EmbeddedBroker()
        try broker.createTopic(Self.topic, partitions: 3)
        folder = NSTemporaryDirectory() + "argyle-relay-" + UUID().uuidString
    }

    deinit {
        broker.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs outbox and publisher around `body`, and stops them as the relay does.
    /// - Parameters:
    ///   - kafka: where to publish instead of to the embedded broker.
    ///   - template: the topic of events, as configured.
    func run(kafka: KafkaSettings? = nil, topic template: String = "argyle.{event}", _ body: (SQLiteOutbox, Publisher) async throws -> Void)
        async throws
    {
        let registry = MetricsRegistry()
        guard let routing = TopicRouting(template: template, deadLetters: "argyle.dead-letter") else { return }
        let outbox = try SQLiteOutbox(
            path: folder + "/outbox.sqlite",
            settings: SQLiteOutbox.Settings(
                source: "s",
                includesRaw: false,
                routing: routing,
                limits: OutboxLimits(maxPending: 100_000, minFreeDisk: 0, entryRetention: .seconds(86_400), factRetention: nil)
            ),
            meters: OutboxMeters(registry),
            time: Self.time,
            clock: ContinuousClock()
        )
        let publisher = Publisher(
            settings: Publisher.Settings(
                mode: .structured,
                kafka: kafka ?? broker.settings,
                retry: BackOff.Bounds(initial: .milliseconds(10), maximum: .milliseconds(100)),
                drain: .seconds(5)
            ),
            outbox: outbox,
            meters: PublishMeters(registry),
            time: Self.time,
            clock: ContinuousClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        async let storing: Void = outbox.run { publisher.handOver($0) }
        async let publishing: Void = publisher.run()
        async let replaying: Void = publisher.runReplays(from: outbox)
        let result: Result<Void, any Error>
        do { result = .success(try await body(outbox, publisher)) } catch { result = .failure(error) }
        publisher.stop()
        await publishing
        await replaying
        await publisher.finishReplay(in: outbox)
        outbox.stop()
        await storing
        try result.get()
    }

    static let time = TimeSource(
        now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) },
        uptime: { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) }
    )

    /// Everything that the topic holds.
    func records(in topic: String = topic) async throws -> [ConsumedRecord] { try await broker.settings.records(in: topic) }
}

extension SQLiteOutbox {
    func append(user: String, accounts: [String]) async throws {
        let list = accounts.map { "\"\($0)\"" }.joined(separator: ",")
        let body = #"{"event":"users.fully_synced","name":"n","data":{"user":"\#(user)","resource":{"accounts_connected":[\#(list)]}}}"#
        let delivery = Delivery(body: Array(body.utf8), signature: nil, receivedAt: TestRelay.time.now())
        let verified = try SignatureVerifier(secrets: [], required: false).verify(delivery)
        _ = try await append(Fact(recognising: try EventDecoder().decode(verified)))
    }

    /// Waits, asking the outbox itself, until `condition` holds.
    func until(_ condition: (OutboxStatus) -> Bool) async throws {
        repeat { _ = try await topicsPending() } while !condition(status)
    }

    func finished(_ id: EventID) async throws -> ReplayRecord {
        while true {
            if let record = try await replay(id), record.isFinished { return record }
        }
    }

    func order(_ filter: OutboxFilter = OutboxFilter(), rate: Int = 100_000) async throws -> ReplayRecord {
        let count = try await countReplay(filter)
        let bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let id = EventID(bytes: bytes) ?? EventID(naming: bytes)
        return try await addReplay(id: id, of: filter, count: count, rate: rate, requestedBy: "test")
    }
}

extension ConsumedRecord {
    func header(_ name: String) -> String? {
        headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    var user: String { key.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}
