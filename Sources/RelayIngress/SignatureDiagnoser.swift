import Dispatch
package import Logging
package import RelayCore
package import RelayMetrics
import Synchronization

/// Looks into refused signatures beside the hot path and says in log and metric what would have made them match; never to the sender.
///
/// It holds at most one delivery, of at most 1 MiB, only while it looks at it, and looks at no more than one in five seconds. What it writes
/// are words of a closed vocabulary, never a secret, a signature or a body.
package final class SignatureDiagnoser: Sendable {
    static let largestBody = 1 << 20

    private let refused: AsyncStream<(delivery: Delivery, verifier: SignatureVerifier)>
    private let waiting: AsyncStream<(delivery: Delivery, verifier: SignatureVerifier)>.Continuation
    private let throttle = Mutex(DiagnosisThrottle())
    private let diagnoses: CounterFamily
    private let time: TimeSource
    private let logger: Logger

    package init(_ registry: MetricsRegistry, time: TimeSource, logger: Logger) {
        diagnoses = registry.counters(
            "signature_diagnosis_total",
            label: "hint",
            known: SignatureDiagnosis.Hint.allCases.map(\.rawValue),
            "What would have made refused signatures match, for those that were looked into."
        )
        self.time = time
        self.logger = logger
        (refused, waiting) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes a delivery that `verifier` refused, if it is worth a look; does not wait.
    func offer(_ delivery: Delivery, refusedBy verifier: SignatureVerifier) {
        guard delivery.body.count <= Self.largestBody, throttle.withLock({ $0.admits(at: time.uptime()) }) else { return }
        waiting.yield((delivery, verifier))
    }

    /// Looks into what is offered until ``stop()``.
    package func run() async {
        for await (delivery, verifier) in refused {
            let hints = await Self.hints(for: delivery, refusedBy: verifier)
            for hint in hints { diagnoses[hint.rawValue].add() }
            guard !hints.isEmpty else { continue }
            logger.warning(
                "a refused signature was looked into: \(hints.map(\.meaning).joined(separator: "; "))",
                metadata: ["hints": "\(hints.map(\.rawValue).joined(separator: ","))", "length": "\(delivery.body.count)"]
            )
        }
    }

    /// Ends ``run()``.
    package func stop() { waiting.finish() }

    /// Up to half a second of hashing for the largest body: not on one of Swift's few threads.
    private static func hints(for delivery: Delivery, refusedBy verifier: SignatureVerifier) async -> [SignatureDiagnosis.Hint] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: verifier.hints(for: delivery)) }
        }
    }
}
