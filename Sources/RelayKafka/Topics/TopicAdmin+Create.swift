import CRdKafka

/// A topic to be made. `replicas` -1 stands for the broker's default (Kafka 2.4 and later).
package struct NewTopic: Sendable, Hashable {
    package let name: String
    package let partitions: Int
    package let replicas: Int

    package init(name: String, partitions: Int, replicas: Int = -1) {
        self.name = name
        self.partitions = partitions
        self.replicas = replicas
    }
}

/// What became of one topic that was to be made. One that is there already counts as success and is left as it is.
package struct TopicCreation: Sendable, Hashable {
    package enum Result: Sendable, Hashable {
        case created
        case existed
        case failed(KafkaError)
    }

    package let name: String
    package let result: Result
}

extension TopicAdmin {
    /// Makes those of `topics` that are missing, and waits until the controller has told the brokers. Throws when no answer came at all.
    package func create(_ topics: [NewTopic], timeout: Duration) throws(KafkaError) -> [TopicCreation] {
        guard !topics.isEmpty else { return [] }
        var requested: [OpaquePointer?] = []
        defer { for topic in requested { rd_kafka_NewTopic_destroy(topic) } }
        for topic in topics {
            var message = [CChar](repeating: 0, count: 256)
            let made = rd_kafka_NewTopic_new(
                topic.name,
                Int32(clamping: topic.partitions),
                Int32(clamping: topic.replicas),
                &message,
                message.count
            )
            guard let made else { throw KafkaError(code: "invalid_arg", detail: "topic \(topic.name): \(message.text)") }
            requested.append(made)
        }
        return try request(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout: timeout) { client, options, queue in
            var message = [CChar](repeating: 0, count: 256)
            _ = rd_kafka_AdminOptions_set_operation_timeout(options, max(timeout.milliseconds, 1), &message, message.count)
            rd_kafka_CreateTopics(client, &requested, requested.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            guard let result = rd_kafka_event_CreateTopics_result(event), let topics = rd_kafka_CreateTopics_result_topics(result, &count)
            else { throw KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG) }
            return UnsafeBufferPointer(start: topics, count: count).compactMap { $0.map(TopicCreation.init) }
        }
    }
}

extension TopicCreation {
    fileprivate init(_ topic: OpaquePointer) {
        name = rd_kafka_topic_result_name(topic).map { String(cString: $0) } ?? ""
        let code = rd_kafka_topic_result_error(topic)
        result =
            switch code {
            case RD_KAFKA_RESP_ERR_NO_ERROR: .created
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: .existed
            default: .failed(KafkaError(code, detail: rd_kafka_topic_result_error_string(topic).map { String(cString: $0) }))
            }
    }
}
