import RelayHTTP

/// Who may use the admin API: whoever bears the token or, where none is set, whoever reaches the listener by its own address.
///
/// Without a token a browser is refused, which any page on the same machine could otherwise have act for it: by its `Origin`
/// (cross-site requests) and by a `Host` that is a name (DNS rebinding).
package struct AdminAccess: Sendable {
    /// Whether a token is set, and whether these bytes are it, compared in constant time.
    private let token: @Sendable () -> (@Sendable (ArraySlice<UInt8>) -> Bool)?

    /// - Parameter token: asked at each request; nil where none is set.
    package init(token: @escaping @Sendable () -> (@Sendable (ArraySlice<UInt8>) -> Bool)?) { self.token = token }

    /// Nil for a request that may go on.
    func refusal(of head: HTTPRequestHead) -> HTTPServerResponse? {
        if let matches = token() {
            if let given = bearer(head), matches(given) { return nil }
            return .problem(
                status: 401,
                code: "unauthorized",
                title: "The admin API wants the token of admin.token.",
                headers: [("www-authenticate", "Bearer realm=\"argyle-relay\"")]
            )
        }
        if head.headers.occurrences(of: "Origin") > 0 {
            return .problem(status: 403, code: "browser_refused", title: "Without admin.token the admin API answers no browser.")
        }
        guard let host = head.headers.first(name: "Host"), Self.isPlain(host) else {
            return .problem(
                status: 403,
                code: "host_refused",
                title: "Without admin.token the admin API is reached by an address or as localhost."
            )
        }
        return nil
    }

    /// RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1).
    private func bearer(_ head: HTTPRequestHead) -> ArraySlice<UInt8>? {
        guard head.headers.occurrences(of: "Authorization") == 1, let value = head.headers.first(name: "Authorization") else { return nil }
        let bytes = Array(value.utf8)
        guard bytes.count > 7, String(decoding: bytes[..<7], as: UTF8.self).lowercased() == "bearer " else { return nil }
        return bytes[7...]
    }

    private static func isPlain(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            return PeerAddress(host[host.index(after: host.startIndex)..<end]) != nil
        }
        let name = host.prefix { $0 != ":" }
        return name.lowercased() == "localhost" || PeerAddress(name) != nil
    }
}
