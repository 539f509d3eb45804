import Logging
import RelayConfiguration
import RelayCore
import RelayOutbox
import RelayPublisher

/// What the service manager hears of the relay.
extension Relay {
    /// Feeds the manager's watchdog for as long as all parts move; until cancelled or the stop, which has a limit of its own.
    func feedWatchdog() async {
        guard let notify = supervision.notify, let interval = supervision.watchdog else { return }
        let clock = ContinuousClock()
        var feed = WatchdogFeed(interval: interval)
        while !stopping.isStopping {
            let verdict = feed.look(beats(), at: time.uptime())
            loops.ask()
            for part in verdict.stopped {
                logger.critical(
                    "\(part) stands still: the watchdog is fed no more",
                    metadata: ["interval_ms": "\(Int64(interval / .milliseconds(1)))"]
                )
            }
            for part in verdict.moving { logger.notice("\(part) moves again") }
            if verdict.feeds { notify.feed() }
            do { try await clock.sleep(for: feed.pause) } catch { return }
        }
    }

    private func beats() -> [(part: WatchdogFeed.Part, beat: Int?)] {
        loops.counts.enumerated().map { (part: .eventLoop($0.offset), beat: $0.element) } + [
            (part: .outboxWriter, beat: outbox.turns), (part: .kafkaPollThread, beat: publisher.pollRounds),
        ]
    }

    /// A reload on the manager's terms: it waits for the end of what it has asked for.
    func reloadSupervised(_ load: Reloading.Load) -> ReloadOutcome {
        supervision.notify?.reloading(at: time.uptime())
        defer { supervision.notify?.reloaded() }
        return reload(load)
    }

    func tellStatus() {
        guard let notify = supervision.notify else { return }
        notify.status(ServiceStatus(outbox.status, isConnected: publisher.isConnected, isStopping: stopping.isStopping).line)
    }
}

/// The relay's state in a line for `systemctl status`. Numbers and words of our own; nothing of a delivery, a setting or an error's text.
struct ServiceStatus {
    let line: String

    init(_ outbox: OutboxStatus, isConnected: Bool, isStopping: Bool) {
        let isRefusing = outbox.shedding != nil || outbox.failure != nil || outbox.displaced != nil || outbox.isSlow
        var parts = [isStopping ? "stopping" : isRefusing ? "deliveries are turned away" : "deliveries are taken"]
        if outbox.pending > 0 { parts.append("\(outbox.pending) wait for Kafka") }
        if !isConnected, !isStopping { parts.append("Kafka is not reached") }
        if outbox.dead > 0 { parts.append("\(outbox.dead) are dead") }
        line = parts.joined(separator: ", ")
    }
}
