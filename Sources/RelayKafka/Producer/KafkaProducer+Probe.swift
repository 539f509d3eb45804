import CRdKafka
import Synchronization

/// Whether a broker answers.
package enum BrokerProbe: Sendable, Hashable {
    /// `controller` is its broker id, nil where no broker has said yet.
    case reachable(brokers: Int, controller: Int32?)
    /// `detail` names the last fault that librdkafka reported, which tells more than "timed out".
    case failed(code: String, detail: String)
}

extension KafkaProducer {
    /// Asks any broker for metadata, at most `timeout`. Its answer also mends what librdkafka believes of the topics it has
    /// sent to: one that was missing or not authorised is tried again at once. Blocks the calling thread; a ``close()`` meanwhile waits for at most
    /// half of `timeout`, and half a second while no broker is connected.
    package func probe(timeout: Duration) -> BrokerProbe {
        let deadline = ContinuousClock.now + timeout
        // librdkafka's wait cannot be broken off, hence slices.
        var slice = Self.firstSlice
        while true {
            let rest = deadline - ContinuousClock.now
            let answer = ask(timeout: min(rest, slice))
            guard case .failed(let code, _) = answer, code != KafkaError.closed.code else { return answer }
            if rest <= slice { return explain(answer) }
            slice = Self.slice(after: slice, failedWith: code)
        }
    }

    static let firstSlice = Duration.milliseconds(500)

    /// A slow broker gets as long as it had before in all. Where there is none to ask a longer wait asks no more: librdkafka connects by itself.
    static func slice(after slice: Duration, failedWith code: String) -> Duration {
        code == KafkaError.name(of: RD_KAFKA_RESP_ERR__TRANSPORT) ? slice : slice * 2
    }

    /// librdkafka's question after all topics that it knows has the brokers make those that are missing, whatever `allow.auto.create.topics`
    /// says (rd_kafka_metadata): so each is asked after by its name or, while none is known, all that there are.
    func ask(timeout: Duration) -> BrokerProbe {
        let deadline = ContinuousClock.now + timeout
        do throws(KafkaError) {
            return try client.use { pointer throws(KafkaError) in
                var answer: BrokerProbe?
                for name in topics.withLock({ $0.sorted() }) {
                    let rest = deadline - ContinuousClock.now
                    // One answer is a sign of life; the others come next time.
                    if let answer, rest <= .zero { return answer }
                    guard let topic = rd_kafka_topic_new(pointer, name, nil) else { continue }
                    defer { rd_kafka_topic_destroy(topic) }
                    answer = try ask(pointer, topic, timeout: rest)
                }
                if let answer { return answer }
                return try ask(pointer, nil, timeout: timeout)
            }
        } catch {
            return .failed(code: error.code, detail: error.detail)
        }
    }

    private func ask(_ client: OpaquePointer, _ topic: OpaquePointer?, timeout: Duration) throws(KafkaError) -> BrokerProbe {
        try Metadata.ask(client, topic: topic, timeout: timeout) { metadata in
            faults.clear()
            let controller = rd_kafka_controllerid(client, 0)
            return .reachable(brokers: Int(metadata.broker_cnt), controller: controller < 0 ? nil : controller)
        }
    }

    private func explain(_ answer: BrokerProbe) -> BrokerProbe {
        guard case .failed(let code, let detail) = answer else { return answer }
        let cause = faults.cause(of: KafkaError(code: code, detail: detail))
        return .failed(code: cause.code, detail: cause.detail)
    }
}
