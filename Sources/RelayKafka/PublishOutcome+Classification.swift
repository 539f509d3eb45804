import CRdKafka

extension PublishOutcome {
    /// The outcome of a record that failed with `code`. `fatal` tells that the producer has raised a fatal error meanwhile, which makes
    /// every retry pointless with this instance.
    package static func failed(code: Int32, detail: String? = nil, producerIsFatal: Bool = false) -> PublishOutcome {
        let error = KafkaError(rd_kafka_resp_err_t(code), detail: detail)
        return switch FaultScope(code: code) {
        case .producer: .fatal(code: error.code, detail: error.detail)
        case .record: .dead(code: error.code, detail: error.detail)
        case .cluster where producerIsFatal, .timestamp where producerIsFatal: .fatal(code: error.code, detail: error.detail)
        case .cluster, .timestamp: .retry(code: error.code, detail: error.detail)
        }
    }
}
