import CRdKafka

/// Whether a broker answers.
package enum BrokerProbe: Sendable, Hashable {
    /// `controller` is its broker id, nil where no broker has said yet.
    case reachable(brokers: Int, controller: Int32?)
    /// `detail` names the last fault that librdkafka reported, which tells more than "timed out".
    case failed(code: String, detail: String)
}

extension KafkaProducer {
    /// Asks any broker for the cluster's metadata, at most `timeout`. Its answer also mends what librdkafka believes of the topics it has
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

    func ask(timeout: Duration) -> BrokerProbe {
        do throws(KafkaError) {
            return try client.use { pointer throws(KafkaError) in
                var metadata: UnsafePointer<rd_kafka_metadata>?
                let code = rd_kafka_metadata(pointer, 0, nil, &metadata, max(timeout.milliseconds, 1))
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code) }
                defer { rd_kafka_metadata_destroy(metadata) }
                faults.clear()
                let controller = rd_kafka_controllerid(pointer, 0)
                return .reachable(brokers: Int(metadata.pointee.broker_cnt), controller: controller < 0 ? nil : controller)
            }
        } catch {
            return .failed(code: error.code, detail: error.detail)
        }
    }

    private func explain(_ answer: BrokerProbe) -> BrokerProbe {
        guard case .failed(let code, let detail) = answer else { return answer }
        let cause = faults.cause(of: KafkaError(code: code, detail: detail))
        return .failed(code: cause.code, detail: cause.detail)
    }
}
