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

    /// A transfer coding other than chunked (RFC 9112 6.1); sending the request again would change nothing.
    case unsupportedTransferEncoding
    /// A version other than HTTP/1.x (RFC 9110 15.6.6); sending the request again would change nothing.
    case unsupportedVersion

    /// The status that RFC 9110 15.5 and 15.6 and RFC 6585 5 have for the fault.
    package var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .requestTimeout: 408
        case .malformed: 400
        case .headersTooLarge: 431
        case .unsupportedTransferEncoding: 501
        case .unsupportedVersion: 505
        }
    }
}
