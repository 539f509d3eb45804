import CRdKafka

/// Where a key lands: librdkafka's own murmur2, as the producer applies it (`murmur2_random`) and Java's clients do.
package enum KafkaPartitioner {
    /// - Parameter count: partitions of the topic, at least one.
    package static func partition(of key: String, among count: Int32) -> Int32 {
        var key = key
        return key.withUTF8 { rd_kafka_msg_partitioner_murmur2(nil, relay_bytes($0.baseAddress), $0.count, max(1, count), nil, nil) }
    }
}

extension KafkaProducer {
    /// How many partitions `topic` has; nil where no broker tells, or there is no such topic. Blocks for at most `timeout`.
    package func partitionCount(of topic: String, timeout: Duration) -> Int32? {
        let described = try? client.use { pointer throws(KafkaError) in try TopicDescription.asking(pointer, topic, timeout: timeout) }
        guard let described, described.error == nil, !described.partitions.isEmpty else { return nil }
        return Int32(clamping: described.partitions.count)
    }
}
