package import RelayHTTP

/// Who may deliver: the peer itself or, where the peer is a trusted proxy, the address that it names in `X-Forwarded-For`.
///
/// Refuses what it cannot read: a trusted proxy that names something that is no address names nobody.
package struct AccessPolicy: Sendable {
    private let mayDeliver: @Sendable (PeerAddress) -> Bool
    private let isTrustedProxy: @Sendable (PeerAddress) -> Bool

    package init(
        mayDeliver: @escaping @Sendable (PeerAddress) -> Bool,
        isTrustedProxy: @escaping @Sendable (PeerAddress) -> Bool
    ) {
        self.mayDeliver = mayDeliver
        self.isTrustedProxy = isTrustedProxy
    }

    /// Admits every address.
    package static let everyone = AccessPolicy(mayDeliver: { _ in true }, isTrustedProxy: { _ in false })

    /// Whether it is worth reading what this peer sends: it may deliver itself, or it may stand for somebody who may.
    func admitsConnection(from peer: PeerAddress) -> Bool { mayDeliver(peer) || isTrustedProxy(peer) }

    package func admits(_ head: HTTPRequestHead) -> Bool { sender(of: head).map(mayDeliver) ?? false }

    /// From the nearest hop outwards, the first address that is no trusted proxy of ours: everything beyond it is hearsay.
    func sender(of head: HTTPRequestHead) -> PeerAddress? {
        guard isTrustedProxy(head.peer) else { return head.peer }
        let hops = head.headers["X-Forwarded-For"].joined(separator: ",").split(separator: ",").map(Self.trimmed)
        var nearest = head.peer
        for hop in hops.reversed() {
            guard let address = Self.address(in: hop) else { return nil }
            nearest = address
            if !isTrustedProxy(address) { return address }
        }
        return nearest
    }

    /// Proxies write `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
    private static func address(in hop: Substring) -> PeerAddress? {
        if let address = PeerAddress(hop) { return address }
        if hop.first == "[", let end = hop.firstIndex(of: "]") { return PeerAddress(hop[hop.index(after: hop.startIndex)..<end]) }
        guard let colon = hop.lastIndex(of: ":"), hop.firstIndex(of: ":") == colon else { return nil }
        return PeerAddress(hop[..<colon])
    }

    private static func trimmed(_ hop: Substring) -> Substring {
        var hop = hop
        while hop.first == " " || hop.first == "\t" { hop.removeFirst() }
        while hop.last == " " || hop.last == "\t" { hop.removeLast() }
        return hop
    }
}
