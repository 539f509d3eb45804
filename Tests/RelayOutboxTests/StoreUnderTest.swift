import RelayCore
import RelayOutbox

/// One implementation of the store over data of its own, which outlives every store opened on it.
protocol StoreUnderTest: Sendable {
    /// Opens the store, empty at first and with what it held later. Its `dedup.window` is ten minutes.
    func open(maxPending: Int, resent: ResentPolicy) throws -> any OutboxStore

    /// What the clock shows, which goes on when it is told to.
    var now: Timestamp { get }
    func pass(_ duration: Duration)
}

extension StoreUnderTest {
    /// Runs a store around `body` and waits until it is closed.
    func withStore<Value: Sendable>(
        maxPending: Int = 1000,
        resent: ResentPolicy = .suppress,
        onCommit: @escaping @Sendable ([OutboxEntry]) -> Void = { _ in },
        _ body: (any OutboxStore) async throws -> Value
    ) async throws -> Value {
        let store = try open(maxPending: maxPending, resent: resent)
        return try await running(store, onCommit: onCommit) { try await body(store) }
    }
}

/// Has `store` run while `body` does, and waits until it is closed.
func running<Value: Sendable>(
    _ store: any OutboxStore,
    onCommit: @escaping @Sendable ([OutboxEntry]) -> Void = { _ in },
    _ body: () async throws -> Value
) async throws -> Value {
    async let end: Void = store.run(onCommit: onCommit)
    let result: Result<Value, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    store.stop()
    await end
    return try result.get()
}

extension OutboxStore {
    /// The status with all in it that was called for before: the second answer comes after the first one's status is known.
    func currentStatus() async throws -> OutboxStatus {
        _ = try await topicsPending()
        _ = try await topicsPending()
        return status
    }

    func publish(_ entries: [OutboxEntry], at moment: Timestamp = SampleFact.start) {
        settle(
            entries.map {
                Settlement(topic: $0.topic, sequence: $0.sequence, at: moment, outcome: .published(partition: 3, offset: $0.sequence + 100))
            }
        )
    }
}

extension Settlement {
    /// Of an entry of `users.fully_synced`.
    init(sequence: Int64, at: Timestamp, outcome: Outcome) throws {
        self.init(topic: try .named("argyle.users.fully-synced"), sequence: sequence, at: at, outcome: outcome)
    }
}

extension TopicName {
    static func named(_ text: String) throws -> TopicName {
        guard let topic = TopicName(text) else { throw OutboxError.unroutable }
        return topic
    }
}
