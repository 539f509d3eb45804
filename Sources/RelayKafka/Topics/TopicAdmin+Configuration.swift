import CRdKafka

/// What a configuration belongs to.
package enum ConfiguredResource: Sendable, Hashable {
    case topic(String)
    case broker(Int32)
}

extension TopicAdmin {
    /// The configuration in force, such as `min.insync.replicas` and `max.message.bytes` of a topic or `message.max.bytes` of a broker. Values
    /// that Kafka calls sensitive are left out. Needs DescribeConfigs on the resource.
    package func configuration(of resource: ConfiguredResource, timeout: Duration) throws(KafkaError) -> [String: String] {
        let asked =
            switch resource {
            case .topic(let name): rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
            case .broker(let id): rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, String(id))
            }
        guard let asked else { throw KafkaError(code: "invalid_arg", detail: "no name to describe") }
        var resources: [OpaquePointer?] = [asked]
        defer { rd_kafka_ConfigResource_destroy(asked) }
        return try request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout: timeout) { client, options, queue in
            rd_kafka_DescribeConfigs(client, &resources, resources.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            guard let result = rd_kafka_event_DescribeConfigs_result(event),
                let answers = rd_kafka_DescribeConfigs_result_resources(result, &count), count > 0, let answer = answers.pointee
            else { throw KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG) }
            let failure = rd_kafka_ConfigResource_error(answer)
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(failure, detail: rd_kafka_ConfigResource_error_string(answer).map { String(cString: $0) })
            }
            return Self.entries(of: answer)
        }
    }

    private static func entries(of resource: OpaquePointer) -> [String: String] {
        var count = 0
        guard let entries = rd_kafka_ConfigResource_configs(resource, &count) else { return [:] }
        var values: [String: String] = [:]
        for case let entry? in UnsafeBufferPointer(start: entries, count: count) {
            guard rd_kafka_ConfigEntry_is_sensitive(entry) == 0, let name = rd_kafka_ConfigEntry_name(entry),
                let value = rd_kafka_ConfigEntry_value(entry)
            else { continue }
            values[String(cString: name)] = String(cString: value)
        }
        return values
    }
}
