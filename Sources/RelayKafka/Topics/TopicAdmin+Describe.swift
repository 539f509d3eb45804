import CRdKafka

/// One partition as the brokers see it.
package struct PartitionDescription: Sendable, Hashable {
    package let id: Int32
    /// Nil while there is none.
    package let leader: Int32?
    package let replicas: [Int32]
    package let inSyncReplicas: [Int32]
    package let error: KafkaError?
}

/// One topic as the brokers see it; `error` is set where it is missing or may not be seen.
package struct TopicDescription: Sendable, Hashable {
    package let name: String
    /// In the order of their ids.
    package let partitions: [PartitionDescription]
    package let error: KafkaError?
}

/// One broker's address, as it advertises it.
package struct BrokerDescription: Sendable, Hashable {
    package let id: Int32
    package let host: String
    package let port: Int
}

extension TopicAdmin {
    /// Describes topics, in the order asked. Throws when no broker answers; a missing topic is described by its `error`.
    package func describe(_ topics: [String], timeout: Duration) throws(KafkaError) -> [TopicDescription] {
        let deadline = ContinuousClock.now + timeout
        var described: [TopicDescription] = []
        for name in topics {
            do throws(KafkaError) {
                described.append(
                    try client.use { client throws(KafkaError) in
                        try TopicDescription.asking(client, name, timeout: deadline - .now)
                    }
                )
            } catch {
                throw explained(error)
            }
        }
        return described
    }

    /// The brokers of the cluster.
    package func brokers(timeout: Duration) throws(KafkaError) -> [BrokerDescription] {
        do throws(KafkaError) {
            return try client.use { client throws(KafkaError) in
                try Metadata.ask(client, topic: nil, timeout: timeout) { metadata in
                    UnsafeBufferPointer(start: metadata.brokers, count: Int(metadata.broker_cnt)).map { broker in
                        BrokerDescription(id: broker.id, host: broker.host.map { String(cString: $0) } ?? "", port: Int(broker.port))
                    }
                }
            }
        } catch {
            throw explained(error)
        }
    }
}

extension TopicDescription {
    /// Asks the brokers about one topic.
    static func asking(_ client: OpaquePointer, _ name: String, timeout: Duration) throws(KafkaError) -> TopicDescription {
        guard let topic = rd_kafka_topic_new(client, name, nil) else {
            throw KafkaError(code: "topic_exception", detail: "topic name \(name) is not valid")
        }
        defer { rd_kafka_topic_destroy(topic) }
        return try Metadata.ask(client, topic: topic, timeout: timeout) { metadata in
            guard metadata.topic_cnt > 0, let found = metadata.topics?.pointee else {
                return TopicDescription(name: name, partitions: [], error: KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART))
            }
            let partitions = UnsafeBufferPointer(start: found.partitions, count: Int(found.partition_cnt)).map(PartitionDescription.init)
            return TopicDescription(name: name, partitions: partitions.sorted { $0.id < $1.id }, error: KafkaError.unless(found.err))
        }
    }
}

extension PartitionDescription {
    fileprivate init(_ partition: rd_kafka_metadata_partition) {
        id = partition.id
        leader = partition.leader < 0 ? nil : partition.leader
        replicas = Array(UnsafeBufferPointer(start: partition.replicas, count: Int(partition.replica_cnt)))
        inSyncReplicas = Array(UnsafeBufferPointer(start: partition.isrs, count: Int(partition.isr_cnt)))
        error = KafkaError.unless(partition.err)
    }
}

extension KafkaError {
    fileprivate static func unless(_ code: rd_kafka_resp_err_t) -> KafkaError? {
        code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
    }
}

/// One metadata request, after one topic or all that there are. Its answer is lent to a closure and freed afterwards.
///
/// Never after all that the client knows: librdkafka then has the brokers make those that are missing.
enum Metadata {
    static func ask<Answer>(
        _ client: OpaquePointer,
        topic: OpaquePointer?,
        timeout: Duration,
        _ read: (rd_kafka_metadata) -> Answer
    ) throws(KafkaError) -> Answer {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, topic == nil ? 1 : 0, topic, &metadata, max(timeout.milliseconds, 1))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(metadata) }
        return read(metadata.pointee)
    }
}
