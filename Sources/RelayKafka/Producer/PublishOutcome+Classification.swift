import CRdKafka

extension PublishOutcome {
    /// The outcome of a record that failed with `code`. `fatal` tells that the producer has raised a fatal error meanwhile, which makes
    /// every retry pointless with this instance.
    package static func failed(code: Int32, detail: String? = nil, producerIsFatal: Bool = false) -> PublishOutcome {
        let code = rd_kafka_resp_err_t(code)
        let error = KafkaError(code, detail: detail ?? (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? tooLargeForBroker : nil))
        return switch FaultScope(code: code.rawValue) {
        case .producer: .fatal(code: error.code, detail: error.detail)
        case .record: .dead(code: error.code, detail: error.detail)
        case .cluster where producerIsFatal, .timestamp where producerIsFatal: .fatal(code: error.code, detail: error.detail)
        case .cluster, .timestamp: .retry(code: error.code, detail: error.detail)
        }
    }

    private static let tooLargeForBroker =
        "the broker refuses it as larger than max.message.bytes of its topic, or message.max.bytes of the broker, allows; raise that, then retry"

    /// Of a record that librdkafka has not taken, so that no broker was asked. `dead` all the same: were it to wait, so would every event behind it,
    /// until somebody changes a setting.
    static func tooLargeForLibrary(_ message: KafkaMessage, limit: Int) -> PublishOutcome {
        .dead(
            code: KafkaError.name(of: RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE),
            detail:
                "librdkafka's message.max.bytes (\(limit)) is too small for this record of \(message.size) bytes, and Kafka was not asked; "
                + "raise it in kafka.properties, restart the relay, then retry"
        )
    }
}

extension KafkaMessage {
    /// Bytes, without what framing adds.
    fileprivate var size: Int {
        headers.reduce((key?.count ?? 0) + value.count) { $0 + $1.name.utf8.count + $1.value.count }
    }
}
