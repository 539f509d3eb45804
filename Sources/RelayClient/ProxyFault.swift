/// Why the way through a proxy failed. It shows the proxy by host and port and by the variable that names it, never by its password.
package enum ProxyFault: Sendable, Equatable, CustomStringConvertible {
    /// What the variable holds is no proxy's URL.
    case unusable(variable: String)
    case unreachable(proxy: String, variable: String, reason: String)
    /// It answers our wish for a tunnel with this status.
    case refused(proxy: String, variable: String, status: Int)

    /// Whether the same again later may work.
    package var isTemporary: Bool {
        switch self {
        case .unusable: false
        case .unreachable: true
        case .refused(_, _, let status): status >= 500 || status == 429
        }
    }

    package var description: String {
        switch self {
        case .unusable(let variable): "\(variable) names no proxy: write http://user:password@host:port"
        case .unreachable(let proxy, let variable, let reason):
            "the proxy \(proxy), which \(variable) names, cannot be reached: \(reason)"
        case .refused(let proxy, let variable, 407):
            "the proxy \(proxy) does not take these credentials (407): check user and password in \(variable), as http://user:password@host:port"
        case .refused(let proxy, let variable, let status):
            "the proxy \(proxy), which \(variable) names, does not let us through: it answers \(status)"
        }
    }
}
