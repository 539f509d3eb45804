extension KafkaSettings {
    /// The reason why `name` may not be set by the operator, or nil when it may.
    package static func reasonForbidden(_ name: String) -> String? {
        if let reason = forbidden[name] { return reason }
        if name.hasSuffix("_cb") || name.hasPrefix("test.mock.") { return "it is not an operator's setting" }
        return nil
    }

    private static let acks = "the relay settles an entry only when all in-sync replicas have it"
    private static let order = "it would give up or reorder records: one user's events must reach Kafka in order"
    private static let timeout = "the outbox keeps what is not acknowledged, so librdkafka must not give up on it"
    private static let addresses = "use kafka.bootstrap_servers"
    private static let memory = "the relay bounds what is in flight itself"
    private static let wiring = "it is not an operator's setting"

    private static let forbidden: [String: String] = [
        "acks": acks,
        "request.required.acks": acks,
        "enable.idempotence": acks,
        "enable.gapless.guarantee": "it turns a refused record into a fatal error of the producer",
        "transactional.id": "the relay does not use transactions",
        "transaction.timeout.ms": "the relay does not use transactions",
        "retries": order,
        "message.send.max.retries": order,
        "queuing.strategy": order,
        "message.timeout.ms": timeout,
        "delivery.timeout.ms": timeout,
        "delivery.report.only.error": "the relay settles an entry by its delivery report",
        "produce.offset.report": "the offset is kept as the receipt",
        "partitioner": "murmur2_random is what Java clients use, so keys land where theirs do",
        "msg_order_cmp": order,
        "bootstrap.servers": addresses,
        "metadata.broker.list": addresses,
        "queue.buffering.max.messages": memory,
        "queue.buffering.max.kbytes": memory,
        "opaque": wiring,
        "interceptors": wiring,
        "enabled_events": wiring,
        "default_topic_conf": wiring,
        "log.queue": wiring,
        "log.thread.name": wiring,
        "plugin.library.paths": "it loads code into the relay that can change or drop records",
        "group.id": "the relay joins no consumer group",
        "group.instance.id": "the relay joins no consumer group",
        "enable.partition.eof": wiring,
    ]
}
