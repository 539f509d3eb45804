import Logging
import RelayCore
package import RelayHTTP
import RelayMetrics
import Synchronization

/// Who may connect at all: who may deliver, and the proxies that deliver for others.
extension WebhookRoute {
    /// A refused address is counted and logged as the 403 is that a proxy gets for it.
    package func admits(_ peer: PeerAddress) -> Bool {
        let isAdmitted = policy.withLock { $0.access.admitsConnection(from: peer) }
        if !isAdmitted { refused(peer) }
        return isAdmitted
    }

    private func refused(_ peer: PeerAddress) {
        meters.deliveries[Rejection.addressNotAllowed.code].add()
        closed(.addressNotAllowed)
        let uptime = time.uptime()
        let (isLogged, dropped) = throttle.withLock { throttle in
            let isLogged = throttle.allows(at: uptime)
            return (isLogged, isLogged ? throttle.takeDropped() : 0)
        }
        guard isLogged else { return }
        var metadata: Logger.Metadata = ["code": "\(Rejection.addressNotAllowed.code)", "peer": "\(peer)"]
        if dropped > 0 { metadata["not_logged"] = "\(dropped)" }
        logger.warning("connection closed: its address may not deliver", metadata: metadata)
    }
}
