import Glibc

/// The proxies that the environment names, read as the curl command line reads them: `https_proxy` or `HTTPS_PROXY` for https,
/// `http_proxy` (in lower case alone, because a web server sets `HTTP_PROXY` from a request's header) for http, `all_proxy` or `ALL_PROXY`
/// for both, and `no_proxy` or `NO_PROXY` for the hosts that need none. This machine's own addresses never go through one.
struct ProxySettings: Sendable {
    /// The way to one URL.
    struct Proxy: Sendable, Equatable {
        let variable: String
        /// As it stands there, password and all.
        let url: String
        /// Host and port, for messages.
        let shown: String
    }

    private struct Named: Sendable {
        let variable: String
        let url: String
    }

    private let plain: Named?
    private let secure: Named?
    private let exceptions: [Substring]

    static let none = ProxySettings { _ in nil }

    init(environment: (String) -> String?) {
        func first(_ names: String...) -> Named? {
            for name in names {
                if let value = environment(name), !value.isEmpty { return Named(variable: name, url: value) }
            }
            return nil
        }
        plain = first("http_proxy", "all_proxy", "ALL_PROXY")
        secure = first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        exceptions = first("no_proxy", "NO_PROXY").map { $0.url.lowercased().split { $0 == "," || $0 == " " } } ?? []
    }

    /// Fails where the variable holds something else.
    func proxy(for origin: HTTPURL.Origin) throws(HTTPClientError) -> Proxy? {
        guard let named = origin.isSecure ? secure : plain, !Self.isLoopback(origin.host),
            !exceptions.contains(where: { Self.excepts($0, origin.host) })
        else { return nil }
        guard let parts = URLParts(named.url, isProxy: true), let host = parts.host, !host.isEmpty else {
            throw .proxy(.unusable(variable: named.variable))
        }
        let shown = (host.contains(":") ? "[\(host)]" : host) + (parts.writtenPort.map { ":\($0)" } ?? "")
        return Proxy(variable: named.variable, url: named.url, shown: shown)
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        guard let address = IPBytes(host) else { return false }
        return address.bytes.count == 4 ? address.bytes[0] == 127 : address.bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// `*`, a network (`10.0.0.0/8`), an address, or a domain with all that lies below it, with or without a dot before it.
    private static func excepts(_ exception: Substring, _ host: String) -> Bool {
        if exception == "*" { return true }
        if let address = IPBytes(host) {
            let parts = exception.split(separator: "/", maxSplits: 1)
            guard let first = parts.first, let network = IPBytes(first.filter { $0 != "[" && $0 != "]" }) else { return false }
            guard let length = parts.count > 1 ? Int(parts[1]) : network.bytes.count * 8 else { return false }
            return address.lies(in: network, length: length)
        }
        let domain = exception.drop { $0 == "." }
        return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
    }
}

/// An address as the bytes that go over the wire, 4 or 16.
private struct IPBytes {
    let bytes: [UInt8]

    init?(_ text: some StringProtocol) {
        let text = String(text)
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    func lies(in network: IPBytes, length: Int) -> Bool {
        guard bytes.count == network.bytes.count, (0...bytes.count * 8).contains(length) else { return false }
        return (0..<length).allSatisfy { bit in (bytes[bit / 8] ^ network.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }
}
