import Synchronization

/// The TLS context that new connections of a listener take; none before the start, and on a listener that speaks plain HTTP. It may be replaced
/// at any time: a connection keeps the one that it began with.
final class CurrentTLS: Sendable {
    private let current = Mutex<TLSContext?>(nil)

    var context: TLSContext? { current.withLock { $0 } }

    func replace(by context: TLSContext?) { current.withLock { $0 = context } }
}

extension HTTPServer {
    /// What new connections take; nil before the start, and without TLS.
    package var tlsContext: TLSContext? { tls.context }

    /// Has new connections take another certificate, key and clients' CA. A listener of plain HTTP, or one that is not started, stays what it is.
    package func renew(_ context: TLSContext) {
        if tls.context != nil { tls.replace(by: context) }
    }
}
