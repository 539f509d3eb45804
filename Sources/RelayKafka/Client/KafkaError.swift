import CRdKafka

/// A failed call on a Kafka client: a stable code and one sentence. Neither holds a password.
package struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// librdkafka's name of the error in lower snake case, such as `topic_authorization_failed`.
    package let code: String
    package let detail: String

    package init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(code): \(detail)" }
}

extension KafkaError {
    /// The error for `code`, with librdkafka's own words unless `detail` has better ones.
    init(_ code: rd_kafka_resp_err_t, detail: String? = nil) {
        self.init(code: Self.name(of: code), detail: detail ?? String(cString: rd_kafka_err2str(code)))
    }

    /// librdkafka's name without the underscore of its local errors, in lower case; `unknown_<number>` for a code that it has no name for.
    static func name(of code: rd_kafka_resp_err_t) -> String {
        let name = String(cString: rd_kafka_err2name(code))
        guard !name.isEmpty, !name.hasPrefix("ERR_"), !name.hasSuffix("?") else { return "unknown_\(code.rawValue)" }
        return name.drop { $0 == "_" }.lowercased()
    }

    package static let closed = KafkaError(code: "closed", detail: "the client has been closed")
    static let outOfMemory = KafkaError(code: "out_of_memory", detail: "librdkafka could not allocate")
}
