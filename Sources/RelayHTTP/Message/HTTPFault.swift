/// Why the server itself refuses a request, before a route has seen all of it.
/// Closed, so that the route words every one of them; a connection never survives a fault, for what follows on it cannot be trusted.
package enum HTTPFault: Error, Sendable, Equatable {
    /// The body is, or grew, larger than the route admitted; in bytes.
    case bodyTooLarge(limit: Int)
    /// The whole request had not arrived within the request timeout.
    case requestTimeout
    /// The bytes are no HTTP/1.1 request (RFC 9112); the reason never repeats what was sent.
    case malformed(reason: String)
    /// The header block is above its limit in bytes, or holds too many fields.
    case headersTooLarge(limit: Int)

    /// The status that RFC 9110 15.5 and RFC 6585 5 have for the fault.
    package var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .requestTimeout: 408
        case .malformed: 400
        case .headersTooLarge: 431
        }
    }
}
