import RelayKafka
import Synchronization

/// Collects what a producer reports, so that a test can await it. It keeps everything in the order of arrival.
final class ReportLog: Sendable {
    private struct State {
        var reports: [DeliveryReport] = []
        var events: [KafkaClientEvent] = []
        var givenUp = false
        var waiters:
            [(condition: @Sendable ([DeliveryReport], [KafkaClientEvent]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var reports: [DeliveryReport] { state.withLock { $0.reports } }
    var events: [KafkaClientEvent] { state.withLock { $0.events } }

    /// - Parameter sent: what the producer may ask for again.
    func producer(_ settings: KafkaSettings, sent: [KafkaMessage] = []) throws -> KafkaProducer {
        try KafkaProducer(
            settings: settings,
            onReports: { reports in self.change { $0.reports += reports } },
            onEvent: { event in self.change { $0.events.append(event) } },
            recall: { tokens in sent.filter { tokens.contains($0.token) } }
        )
    }

    /// Returns the first `count` reports once they are there.
    func reports(_ count: Int) async -> [DeliveryReport] {
        await wait { reports, _ in reports.count >= count }
        return reports
    }

    /// Returns when `condition` holds, or when the test runs out of time: its own expectations then fail.
    func wait(until condition: @escaping @Sendable ([DeliveryReport], [KafkaClientEvent]) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let met = state.withLock { state in
                    if state.givenUp || condition(state.reports, state.events) { return true }
                    state.waiters.append((condition, continuation))
                    return false
                }
                if met { continuation.resume() }
            }
        } onCancel: {
            change { $0.givenUp = true }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let ready = state.withLock { state in
            body(&state)
            var ready: [CheckedContinuation<Void, Never>] = []
            state.waiters.removeAll { waiter in
                guard state.givenUp || waiter.condition(state.reports, state.events) else { return false }
                ready.append(waiter.continuation)
                return true
            }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }
}

extension PublishOutcome {
    var isPublished: Bool {
        if case .published = self { true } else { false }
    }
}

extension KafkaMessage {
    static func plain(_ token: Int64, topic: String = "t", key: String? = nil, value: String = "value") -> KafkaMessage {
        KafkaMessage(topic: topic, key: key.map { Array($0.utf8) }, value: Array(value.utf8), timestamp: 1_700_000_000_000, token: token)
    }
}
