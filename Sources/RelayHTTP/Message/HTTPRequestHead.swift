/// The request line and header fields of one request, and who sent it.
/// It exists only for a well-formed head (RFC 9112 2-3): one `Host`, one framing, no control bytes, a target that starts with `/` or is `*`.
package struct HTTPRequestHead: Sendable {
    package let method: String
    /// The target without its query; still percent-encoded.
    package let path: String
    /// What follows the first `?`, still percent-encoded; `nil` without one.
    package let query: String?
    package let headers: HTTPHeaders
    package let peer: PeerAddress
    let framing: HTTPBodyFraming
    /// Whether the sender will take another response on this connection (RFC 9112 9.3).
    let keepsAlive: Bool
    /// Whether the sender speaks HTTP/1.0, which must be told that a connection stays open.
    let isVersion10: Bool
    /// Whether the sender waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    let expectsContinue: Bool

    /// Bytes of body announced by `Content-Length`; `nil` when chunked or without a body.
    package var contentLength: Int? {
        if case .length(let count) = framing { count } else { nil }
    }

    /// Whether a body follows, of known length or chunked.
    package var announcesBody: Bool {
        switch framing {
        case .none: false
        case .length(let count): count > 0
        case .chunked: true
        }
    }

    init(
        method: String,
        path: String,
        query: String?,
        headers: HTTPHeaders,
        peer: PeerAddress,
        framing: HTTPBodyFraming,
        keepsAlive: Bool,
        isVersion10: Bool,
        expectsContinue: Bool
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.peer = peer
        self.framing = framing
        self.keepsAlive = keepsAlive
        self.isVersion10 = isVersion10
        self.expectsContinue = expectsContinue
    }

    /// A head that did not arrive by wire, for exercising a route.
    package init(
        method: String,
        path: String,
        query: String? = nil,
        headers: HTTPHeaders = HTTPHeaders(),
        peer: PeerAddress,
        contentLength: Int? = nil
    ) {
        self.init(
            method: method,
            path: path,
            query: query,
            headers: headers,
            peer: peer,
            framing: contentLength.map { .length($0) } ?? .none,
            keepsAlive: true,
            isVersion10: false,
            expectsContinue: false
        )
    }
}

/// How the end of a request's body is told (RFC 9112 6).
enum HTTPBodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
}
