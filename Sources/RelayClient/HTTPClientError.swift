/// Why a request has no response; closed, and worded for whoever ran the command.
/// It never holds a header's value, a body, a URL's query or a password.
package enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidURL(reason: String)
    case invalidRequest(reason: String)
    case cannotResolve(host: String)
    case connectionRefused(host: String, port: Int)
    case connectFailed(host: String, port: Int, reason: String)
    case proxy(ProxyFault)
    case tls(TLSFault)
    /// No whole response within the time given, waiting for a connection included.
    case timeout(Duration, Phase)
    /// The server closed before its response was whole; whether it acted on the request is unknown.
    case connectionClosed
    case responseTooLarge(limit: Int)
    case malformedResponse(reason: String)
    case cancelled
    case shutDown
    /// The machine gave what a client needs no more of: memory or a thread.
    case noResources(reason: String)

    /// How far a request had come when its time was over.
    package enum Phase: Sendable, Equatable {
        /// For one of the client's connections, all of which others used.
        case waiting
        case resolving, connecting, handshaking, responding, receiving
    }

    package var description: String {
        switch self {
        case .invalidURL(let reason): "the URL is not usable: \(reason)"
        case .invalidRequest(let reason): "the request is not sendable: \(reason)"
        case .cannotResolve(let host): "\(host) does not resolve to an address"
        case .connectionRefused(let host, let port): "nothing listens on \(host):\(port)"
        case .connectFailed(let host, let port, let reason): "cannot connect to \(host):\(port): \(reason)"
        case .proxy(let fault): fault.description
        case .tls(let fault): fault.description
        case .timeout(let span, let phase): phase.description + " within \(span)"
        case .connectionClosed: "the server closed the connection before its response was complete"
        case .responseTooLarge(let limit): "the response is larger than \(limit) bytes"
        case .malformedResponse(let reason): "the response is no HTTP: \(reason)"
        case .cancelled: "the request was cancelled"
        case .shutDown: "the client was shut down"
        case .noResources(let reason): "the request cannot be made: \(reason)"
        }
    }
}

extension HTTPClientError.Phase {
    fileprivate var description: String {
        switch self {
        case .waiting: "no connection came free"
        case .resolving: "the host's name did not resolve"
        case .connecting: "no connection came about"
        case .handshaking: "TLS was not agreed on"
        case .responding: "no response"
        case .receiving: "the response was not complete"
        }
    }
}
