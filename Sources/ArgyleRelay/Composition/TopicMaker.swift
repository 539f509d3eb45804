import RelayConfiguration
import RelayCore
import RelayKafka

/// Makes topics that are missing, where the operator asked for that or the broker is the embedded one.
struct TopicMaker: Sendable {
    private let create: @Sendable (TopicName) throws(KafkaError) -> Void

    /// Nil where missing topics are the operator's to make.
    init?(_ configuration: RelayConfiguration, kafka: KafkaSettings, embedded: EmbeddedBroker?) {
        let partitions = configuration.kafka.partitions
        let replicas = configuration.kafka.replicationFactor
        if let embedded {
            create = { topic throws(KafkaError) in
                try embedded.createTopic(topic.text, partitions: partitions)
            }
            return
        }
        guard configuration.kafka.createTopics else { return nil }
        create = { topic throws(KafkaError) in
            let admin = try TopicAdmin(settings: kafka)
            defer { admin.close() }
            for creation in try admin.create(
                [NewTopic(name: topic.text, partitions: partitions, replicas: replicas)],
                timeout: .seconds(10)
            ) {
                if case .failed(let error) = creation.result { throw error }
            }
        }
    }

    /// Blocks until the topic is there or cannot be made.
    func make(_ topic: TopicName) throws(KafkaError) { try create(topic) }
}

extension RelayConfiguration {
    func servers(embedded: EmbeddedBroker?) -> [String] {
        switch kafka.bootstrapServers {
        case .embedded: embedded?.bootstrapServers ?? []
        case .servers(let servers): servers
        }
    }
}
