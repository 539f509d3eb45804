import RelayConfiguration
import RelayCore
import RelayKafka
import Synchronization

/// Makes topics that are missing, where the operator asked for that or the broker is the embedded one.
final class TopicMaker: Sendable {
    private enum Broker: Sendable {
        case embedded(EmbeddedBroker)
        case real(KafkaSettings)
    }

    private struct State {
        /// Of the call under way.
        var admin: TopicAdmin?
        var isClosed = false
    }

    private let broker: Broker
    private let partitions: Int
    private let replicas: Int
    private let state = Mutex(State())

    /// Nil where missing topics are the operator's to make.
    init?(_ configuration: RelayConfiguration, kafka: KafkaSettings, embedded: EmbeddedBroker?) {
        partitions = configuration.kafka.partitions
        replicas = configuration.kafka.replicationFactor
        if let embedded {
            broker = .embedded(embedded)
        } else {
            guard configuration.kafka.createTopics else { return nil }
            broker = .real(kafka)
        }
    }

    /// Blocks until the topic is there or cannot be made, or ``close()``.
    func make(_ topic: TopicName) throws(KafkaError) {
        switch broker {
        case .embedded(let broker): try broker.createTopic(topic.text, partitions: partitions)
        case .real(let kafka): try make(topic, with: try TopicAdmin(settings: kafka))
        }
    }

    /// Ends a call under way, and makes no topic any more.
    func close() {
        let admin = state.withLock { state in
            state.isClosed = true
            return state.admin
        }
        admin?.close()
    }

    private func make(_ topic: TopicName, with admin: TopicAdmin) throws(KafkaError) {
        defer {
            state.withLock { $0.admin = nil }
            admin.close()
        }
        let isClosed = state.withLock { state in
            state.admin = admin
            return state.isClosed
        }
        guard !isClosed else { throw .closed }
        let new = NewTopic(name: topic.text, partitions: partitions, replicas: replicas)
        for creation in try admin.create([new], timeout: .seconds(10)) {
            if case .failed(let error) = creation.result { throw error }
        }
    }
}

extension RelayConfiguration {
    func servers(embedded: EmbeddedBroker?) -> [String] {
        switch kafka.bootstrapServers {
        case .embedded: embedded?.bootstrapServers ?? []
        case .servers(let servers): servers
        }
    }
}
