import CRdKafka

/// What a failed try holds up until the next one.
package enum RetryScope: Sendable, Hashable {
    /// The record alone, whose timestamp is refused.
    case record
    /// Its partition: others have other leaders and replicas.
    case partition
    case topic

    /// By the code of a `retry`; what is not known to be the record's or the partition's is the topic's.
    package init(code: String) {
        self = Self.ofRecord == code ? .record : Self.ofPartition.contains(code) ? .partition : .topic
    }

    private static let ofRecord = KafkaError.name(of: RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)

    private static let ofPartition: Set = Set(
        [
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        ].map { KafkaError.name(of: $0) }
    )
}
