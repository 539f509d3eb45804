import CRdKafka
import Synchronization

/// The last fault that a client reported, so that "no answer" can be told with its cause. A vague fault never replaces a telling one:
/// librdkafka says "all brokers are down" right after a refused password.
final class FaultMemory: Sendable {
    private let last = Mutex<KafkaError?>(nil)

    func note(_ event: KafkaClientEvent) {
        guard case .error(let code, let detail) = event else { return }
        let fault = KafkaError(code: code, detail: detail)
        last.withLock { last in
            if let known = last, known.telling > fault.telling { return }
            last = fault
        }
    }

    /// Something worked: whatever was wrong is over.
    func clear() {
        last.withLock { $0 = nil }
    }

    /// `error` itself, or the fault behind it where that says more.
    func cause(of error: KafkaError) -> KafkaError {
        guard let known = last.withLock({ $0 }), error.telling < 2, known.telling >= error.telling else { return error }
        return known
    }
}

extension KafkaError {
    /// 0 says that no answer came, 1 that a connection broke (and how), 2 why.
    fileprivate var telling: Int {
        switch code {
        case Self.name(of: RD_KAFKA_RESP_ERR__TIMED_OUT), Self.name(of: RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN): 0
        case Self.name(of: RD_KAFKA_RESP_ERR__TRANSPORT): 1
        default: 2
        }
    }
}
