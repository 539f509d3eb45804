import CRdKafka

/// What a broker would say to a record of ours.
package enum WritePermission: Sendable, Hashable {
    case allowed
    case denied(KafkaError)
    /// No broker said either; why not.
    case unknown(KafkaError)
    /// A broker took the probe: the right is there, and so is a record of no use.
    case recordLeft(partition: Int32, offset: Int64)
}

/// Asks whether records may be written to a topic, without writing one.
///
/// It sends one small record with `acks=2`. Brokers look at the rights first and at `acks` next (KafkaApis.handleProduceRequest, then
/// ReplicaManager.appendRecords), and since Kafka 0.9 they refuse every `acks` but -1, 0 and 1 (KAFKA-1697) before anything reaches a log: "not authorised" and
/// "invalid required acks" are the two answers, and neither leaves a record.
package enum WriteProbe {
    /// Blocks for at most `timeout`. Throws when the settings make no client.
    package static func ask(_ settings: KafkaSettings, topic: String, timeout: Duration) throws(KafkaError) -> WritePermission {
        let client = try ClientHandle(settings, role: .writeProbe)
        defer { if client.shut() { client.destroy() } }
        let probe = KafkaMessage(
            topic: topic,
            key: nil,
            value: Array("argyle-relay doctor: a probe that no broker takes".utf8),
            timestamp: 0,
            token: 1
        )
        return try client.use { pointer throws(KafkaError) in
            let code = probe.produce(with: pointer)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return WritePermission(KafkaError(code)) }
            return answer(client, deadline: .now + timeout)
        }
    }

    private static func answer(_ client: ClientHandle, deadline: ContinuousClock.Instant) -> WritePermission {
        let faults = FaultMemory()
        let silence = KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        while deadline > .now {
            guard let event = client.nextEvent(timeout: min((deadline - .now).milliseconds, 200)) else { continue }
            defer { rd_kafka_event_destroy(event) }
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR {
                guard let message = rd_kafka_event_message_next(event) else { continue }
                if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    return .recordLeft(partition: message.pointee.partition, offset: message.pointee.offset)
                }
                let error = KafkaError(message.pointee.err)
                return WritePermission(faults.cause(of: error.code == "msg_timed_out" ? silence : error))
            }
            let said = client.serve { KafkaClientEvent(event, client: $0, redactor: client.redactor) }
            if let said { faults.note(said) }
        }
        return .unknown(faults.cause(of: silence))
    }
}

extension WritePermission {
    fileprivate init(_ error: KafkaError) {
        switch error.code {
        case KafkaError.name(of: RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS): self = .allowed
        case KafkaError.name(of: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED),
            KafkaError.name(of: RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED):
            self = .denied(error)
        default: self = .unknown(error)
        }
    }
}
