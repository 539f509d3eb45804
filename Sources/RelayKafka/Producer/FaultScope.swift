import CRdKafka

/// What a librdkafka or Kafka error code is the fault of. A pure table: a code that it does not know counts as the cluster's, because
/// sending again is harmless and giving a record up is not.
///
/// Codes: `rd_kafka_resp_err_t` in rdkafka.h, and "Error Codes" in Kafka's protocol guide.
package enum FaultScope: Sendable, Hashable, CaseIterable {
    /// Network, brokers, rights, topics, configuration: heals without touching the record.
    case cluster
    /// The one record: sending it again cannot succeed.
    case record
    /// A clock, or the topic's limits on timestamps: the record is sound, and is taken once its timestamp is.
    case timestamp
    /// The producer instance: only a new one can go on.
    case producer

    package init(code: Int32) {
        self =
            switch rd_kafka_resp_err_t(code) {
            case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, RD_KAFKA_RESP_ERR__FENCED,
                RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
                .producer
            case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
                RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
                RD_KAFKA_RESP_ERR__KEY_SERIALIZATION, RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION:
                .record
            case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
                .timestamp
            default:
                .cluster
            }
    }
}
