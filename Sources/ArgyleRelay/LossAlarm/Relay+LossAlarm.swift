import ArgyleAPI
import Logging
import RelayAdmin
import RelayClient
import RelayConfiguration
import RelayCore
import RelayIngress
import RelayMetrics
import RelayOutbox

/// The alarm in the relay: there is one where there are API keys.
extension Relay {
    /// Until cancelled; a relay without API keys has nothing to ask.
    func watchForLoss() async {
        guard let lossAlarm else { return }
        do {
            guard let (http, client) = try ArgyleClient.of(configuration, retry: RetryPolicy(attempts: 1, longestPause: .zero)) else {
                return
            }
            await lossAlarm.run(asking: client)
            await http.shutdown()
        } catch {
            logger.error("Argyle's API cannot be asked what it has sent", metadata: ["error": "\(error)"])
        }
    }

    func registerLossAlarm() {
        guard let lossAlarm else { return }
        registry.gauge(
            "argyle_last_sent_lag_seconds",
            "By how much the last delivery that Argyle says it sent is later than the last genuine one that arrived."
        ) { lossAlarm.report.lagSeconds.map(Double.init) }
    }
}

extension LossAlarm {
    /// Nil without API keys.
    convenience init?(_ relay: RelayConfiguration, outbox: SQLiteOutbox, route: WebhookRoute, time: TimeSource, logger: Logger) {
        guard relay.argyle.apiKeyID != nil, relay.argyle.apiKeySecret != nil else { return nil }
        let now = time.now()
        self.init(
            own: OwnSubscriptions(relay),
            // Written by a clock that was ahead, it would hide every loss until then.
            beginning: min(outbox.writtenBefore ?? now, now),
            time: time,
            clock: ContinuousClock(),
            logger: logger,
            arrived: { route.lastVerified }
        )
    }
}
