import CRdKafka

/// One record as a topic holds it.
package struct ConsumedRecord: Sendable, Hashable {
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    package let key: [UInt8]?
    /// Nil for a tombstone, which the relay itself never writes.
    package let value: [UInt8]?
    package let headers: [KafkaHeader]
    /// Milliseconds since 1970-01-01T00:00:00Z; nil where the topic keeps none.
    package let timestamp: Int64?
}

/// One partition of a topic.
package struct KafkaPartition: Sendable, Hashable {
    package let topic: String
    package let id: Int32

    package init(topic: String, id: Int32) {
        self.topic = topic
        self.id = id
    }
}

/// One thing that a consumer comes upon.
package enum KafkaReading: Sendable, Hashable {
    case record(ConsumedRecord)
    /// Everything that the partition held when it was last fetched has been read, which may be a while ago; `next` is the offset that the next record will have.
    case reachedEnd(topic: String, partition: Int32, next: Int64)
    /// Reading a partition fails, for now or for good; librdkafka keeps trying.
    case failed(topic: String, partition: Int32, KafkaError)
}

extension KafkaReading {
    /// Copies everything, so that the message can be freed.
    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        let content = message.pointee
        let topic = content.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) } ?? ""
        switch content.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            let timestamp = rd_kafka_message_timestamp(message, &kind)
            self = .record(
                ConsumedRecord(
                    topic: topic,
                    partition: content.partition,
                    offset: content.offset,
                    key: content.key.map { Array(UnsafeRawBufferPointer(start: $0, count: content.key_len)) },
                    value: content.payload.map { Array(UnsafeRawBufferPointer(start: $0, count: content.len)) },
                    headers: KafkaHeader.all(of: message),
                    timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : timestamp
                )
            )
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            self = .reachedEnd(topic: topic, partition: content.partition, next: content.offset)
        default:
            let detail = rd_kafka_message_errstr(message).map { String(cString: $0) }
            self = .failed(topic: topic, partition: content.partition, KafkaError(content.err, detail: detail))
        }
    }
}
