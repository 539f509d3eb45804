/// Why a request has no response; closed, and worded for whoever ran the command.
/// It never holds a header's value or a body.
package enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidURL(reason: String)
    case invalidRequest(reason: String)
    case cannotResolve(host: String)
    case connectionRefused(host: String, port: Int)
    case connectFailed(host: String, port: Int, reason: String)
    case tls(TLSError)
    /// No whole response within the time given, waiting for a connection included.
    case timeout(Duration)
    /// The server closed before its response was whole; whether it acted on the request is unknown.
    case connectionClosed
    case responseTooLarge(limit: Int)
    case malformedResponse(reason: String)
    case cancelled
    case shutDown

    package var description: String {
        switch self {
        case .invalidURL(let reason): "the URL is not usable: \(reason)"
        case .invalidRequest(let reason): "the request is not sendable: \(reason)"
        case .cannotResolve(let host): "\(host) does not resolve to an address"
        case .connectionRefused(let host, let port): "nothing listens on \(host):\(port)"
        case .connectFailed(let host, let port, let reason): "cannot connect to \(host):\(port): \(reason)"
        case .tls(let error): error.description
        case .timeout(let span): "no response within \(span)"
        case .connectionClosed: "the server closed the connection before its response was complete"
        case .responseTooLarge(let limit): "the response is larger than \(limit) bytes"
        case .malformedResponse(let reason): "the response is no HTTP: \(reason)"
        case .cancelled: "the request was cancelled"
        case .shutDown: "the client was shut down"
        }
    }
}
