/// How a connection ended, for counting: closed, so that a metric shows every way from the start.
package enum HTTPConnectionEnd: String, Sendable, CaseIterable {
    /// Nothing of a request ever came: a port scanner, a load balancer's check, a connection that was opened in reserve.
    case silent
    /// Bytes came, but no TLS session out of them.
    case handshake
    /// Kept after an answer, and silent for the idle timeout.
    case idle
    /// Idle for longer than any other when places ran out: it gave way to a newcomer.
    case gaveWay = "gave_way"
    /// At accept: an address that may not connect.
    case addressNotAllowed = "address_not_allowed"
    /// A request did not arrive, or an answer was not taken, in time.
    case slow
    /// After an answer that refused: the request could not be read, or its address, path or method was turned away.
    case refused
    /// Broken: reset, or cut within TLS.
    case failed
    /// By the client, by the listener's stop, or as one side had announced.
    case done
}
