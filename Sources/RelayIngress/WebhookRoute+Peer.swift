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
        logRefusal("connection closed: its address may not deliver", .addressNotAllowed, at: time.uptime()) { $0["peer"] = "\(peer)" }
    }
}
