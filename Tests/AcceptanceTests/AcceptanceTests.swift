import RelayTestSupport
import Testing

/// What the built binary does as a process among processes; one test at a time, because each wants the whole machine.
@Suite("The relay as a whole", .serialized, .timeLimit(.minutes(3)))
struct AcceptanceTests {}

extension RelayPlace {
    /// A relay that publishes to `cluster`, which already has the topics or lets the relay make them.
    init(_ cluster: KafkaCluster, _ settings: [String: String] = [:]) throws {
        let usual = ["kafka.bootstrap_servers": "[\(cluster.bootstrapServers.joined(separator: ","))]", "kafka.create_topics": "true"]
        try self.init(usual.merging(settings) { $1 })
    }
}

/// Gives a relay and its folder to `body`, and ends both after it, whatever came.
func withRelay<Value>(
    _ place: RelayPlace,
    log pipe: LogPipe? = nil,
    _ body: (RelayProcess) async throws -> Value
) async throws -> Value {
    defer { place.folder.remove() }
    let relay = try await RelayProcess(place, log: pipe)
    do {
        let value = try await body(relay)
        await relay.end()
        return value
    } catch {
        await relay.end(9)
        throw error
    }
}

/// Gives brokers to `body`, and ends them after it, whatever came.
func withKafka<Value>(_ cluster: KafkaCluster, _ body: (KafkaCluster) async throws -> Value) async throws -> Value {
    do {
        let value = try await body(cluster)
        await cluster.stop()
        return value
    } catch {
        await cluster.stop()
        throw error
    }
}
