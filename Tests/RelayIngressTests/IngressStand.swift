import Logging
import RelayCore
import RelayHTTP
import RelayMetrics
import RelayOutbox
import RelayTestSupport

@testable import RelayIngress

/// The route with an outbox behind it, put together as the relay does.
struct IngressStand {
    static let secret = Array(RelayPlace.secret.utf8)

    let registry = MetricsRegistry()
    let log = LogLines()
    let outbox: SQLiteOutbox
    let route: WebhookRoute
    let diagnoser: SignatureDiagnoser?

    /// - Parameter diagnoser: made with the same registry, time and log, where the test is about it.
    init(
        in folder: TemporaryFolder,
        path: String = "/deliveries",
        secret: [UInt8] = secret,
        maxBody: Int = 1 << 20,
        uptime: @escaping @Sendable () -> Duration = { .zero },
        diagnoser: (MetricsRegistry, TimeSource, Logger) -> SignatureDiagnoser? = { _, _, _ in nil }
    ) throws {
        let time = TimeSource(now: { Timestamp(milliseconds: 1_700_000_000_000) }, uptime: uptime)
        let logger = log.logger
        outbox = try SQLiteOutbox(
            path: folder.path + "/outbox.sqlite",
            settings: SQLiteOutbox.Settings(
                source: "https://example.com",
                includesRaw: false,
                routing: TopicRouting(template: .standard, deadLetters: .deadLetters),
                limits: OutboxLimits(maxPending: 10, minFreeDisk: 0, entryRetention: .seconds(1), factRetention: nil)
            ),
            meters: OutboxMeters(registry),
            time: time,
            clock: ContinuousClock()
        )
        self.diagnoser = diagnoser(registry, time, logger)
        route = WebhookRoute(
            path: path,
            policy: IngressPolicy(
                verifier: SignatureVerifier(secrets: [secret], required: true),
                filter: EventFilter(["*"]),
                access: .everyone,
                maxBody: maxBody
            ),
            outbox: outbox,
            meters: DeliveryMeters(registry, outcomes: deliveryOutcomes, connectionEnds: connectionEnds),
            time: time,
            logger: logger,
            diagnoser: self.diagnoser
        )
    }
}
