import CRdKafka

extension EmbeddedBroker {
    /// A request of Kafka's protocol, by its API key.
    package enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case initProducerID = 22
    }

    /// The next requests of that kind fail with these codes, one each (Kafka's protocol error codes; -195 breaks the connection).
    package func fail(_ request: Request, with codes: [Int32]) throws(KafkaError) {
        let errors = codes.map { rd_kafka_resp_err_t($0) }
        try command { cluster in
            rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Forgets the failures that are left.
    package func heal(_ request: Request) throws(KafkaError) {
        try command { cluster in
            rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Every answer about the topic carries this code; 0 heals it.
    package func setTopicError(_ topic: String, _ code: Int32) throws(KafkaError) {
        try command { cluster in
            rd_kafka_mock_topic_set_error(cluster, topic, rd_kafka_resp_err_t(code))
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Closes the listener and the connections of each broker; what they hold stays.
    package func goDown() throws(KafkaError) {
        for broker in 1...Int32(brokerCount) {
            try command { rd_kafka_mock_broker_set_down($0, broker) }
        }
    }

    package func comeUp() throws(KafkaError) {
        for broker in 1...Int32(brokerCount) {
            try command { rd_kafka_mock_broker_set_up($0, broker) }
        }
    }

    /// Each broker answers that much later.
    package func setLatency(_ latency: Duration) throws(KafkaError) {
        for broker in 1...Int32(brokerCount) {
            try command { rd_kafka_mock_broker_set_rtt($0, broker, latency.milliseconds) }
        }
    }

    /// Moves a partition to another broker, or with -1 leaves it without a leader.
    package func setLeader(_ topic: String, partition: Int32, broker: Int32) throws(KafkaError) {
        try command { rd_kafka_mock_partition_set_leader($0, topic, partition, broker) }
    }
}
