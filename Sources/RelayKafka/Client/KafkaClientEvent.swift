import CRdKafka

/// What librdkafka says beside delivery reports. Texts never hold a password of the settings.
package enum KafkaClientEvent: Sendable, Hashable {
    /// Something is wrong and librdkafka keeps trying: `all_brokers_down`, `authentication`, `ssl`, `resolve`, `transport`, ….
    case error(code: String, detail: String)
    /// A line of librdkafka's log; `level` as in syslog (3 error, 4 warning, 5 notice, 6 info, 7 debug).
    case log(level: Int, facility: String, message: String)
    /// The producer is beyond repair and must be rebuilt; each record that is on its way is still reported.
    case fatal(code: String, detail: String)
}

extension KafkaClientEvent {
    /// Reads `event`; nil when it is of another kind. `client` explains a fatal error.
    init?(_ event: OpaquePointer, client: OpaquePointer, redactor: Redactor) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_ERROR:
            let text = redactor(rd_kafka_event_error_string(event).map { String(cString: $0) } ?? "")
            if rd_kafka_event_error_is_fatal(event) != 0 {
                var reason = [CChar](repeating: 0, count: 512)
                let code = rd_kafka_fatal_error(client, &reason, reason.count)
                self = .fatal(code: KafkaError.name(of: code), detail: redactor(reason.text))
            } else {
                self = .error(code: KafkaError.name(of: rd_kafka_event_error(event)), detail: text)
            }
        case RD_KAFKA_EVENT_LOG:
            var facility: UnsafePointer<CChar>?
            var message: UnsafePointer<CChar>?
            var level: Int32 = 0
            guard rd_kafka_event_log(event, &facility, &message, &level) == 0 else { return nil }
            self = .log(
                level: Int(level),
                facility: facility.map { String(cString: $0) } ?? "",
                message: redactor(message.map { String(cString: $0) } ?? "")
            )
        default:
            return nil
        }
    }
}
