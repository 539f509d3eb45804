import CRdKafka

extension KafkaProducer {
    /// Makes the producer fail as if a broker had lost its sequence, so that its owner's rebuilding can be rehearsed. Nothing else calls it.
    package func drillFatal(reason: String) {
        try? client.use { pointer throws(KafkaError) in
            _ = rd_kafka_test_fatal_error(pointer, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, reason)
        }
    }
}
