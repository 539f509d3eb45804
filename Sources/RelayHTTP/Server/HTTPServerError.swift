/// Why a listener could not start, in words for whoever operates it.
/// It names the address or the file and what to do; it never holds key material.
package enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    case addressInUse(host: String, port: Int)
    case permissionDenied(host: String, port: Int)
    case cannotResolve(host: String)
    case addressNotAvailable(host: String, port: Int)
    case tls(TLSError)
    case alreadyStarted
    /// It listened once, and cannot any more.
    case lost(listener: String, reason: String)
    case other(host: String, port: Int, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "\(host):\(port) is taken by another process; stop it or choose another port"
        case .permissionDenied(let host, let port):
            "not permitted to listen on \(host):\(port); ports below 1024 need CAP_NET_BIND_SERVICE"
        case .cannotResolve(let host):
            "\(host) is no address and no name that resolves"
        case .addressNotAvailable(let host, let port):
            "\(host):\(port) is no address of this machine; use one of its own, 127.0.0.1, 0.0.0.0 or ::"
        case .tls(let error):
            error.description
        case .alreadyStarted:
            "the listener was started before; each is started once"
        case .lost(let listener, let reason):
            "\(listener) cannot be listened on any more: \(reason)"
        case .other(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason)"
        }
    }
}
