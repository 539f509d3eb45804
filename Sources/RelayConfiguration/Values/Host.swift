/// The grammar of hosts, brokers and base URLs.
///
/// It is stricter than the RFCs where looseness would only hide a typing error: no brackets around a bare IPv6 address, no user information.
enum Host {
    /// An IP address, or a name of letters, digits, `-`, `_` and `.` (RFC 1123, 2.1).
    static func isHost(_ text: String) -> Bool {
        if IPAddress(text) != nil { return true }
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last, !last.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { ASCII.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
    }

    /// `host`, `host:port` or `[v6]:port`, with librdkafka's optional protocol in front.
    static func isBroker(_ text: String) -> Bool {
        var rest = Substring(text)
        for scheme in ["PLAINTEXT://", "SSL://", "SASL_PLAINTEXT://", "SASL_SSL://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            break
        }
        return isAuthority(rest)
    }

    /// The URL without a slash at its end, or `nil` when it is no plain http(s) base.
    static func baseURL(_ text: String) -> String? {
        guard text.utf8.count <= 1024, text.utf8.allSatisfy(ASCII.isURI) else { return nil }
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard isAuthority(authority), !rest.utf8.contains(where: { "?#@".utf8.contains($0) }) else { return nil }
        var url = Substring(text)
        while url.last == "/" { url = url.dropLast() }
        return String(url)
    }

    /// Whether a listener or a server there can be reached from this machine only.
    static func isLoopback(_ host: String) -> Bool {
        IPAddress(host)?.isLoopback ?? (host.lowercased() == "localhost")
    }

    /// Whether two listeners with the same port would meet on an address.
    static func overlap(_ first: String, _ second: String) -> Bool {
        let name = { (host: String) in host.lowercased() == "localhost" ? "127.0.0.1" : host.lowercased() }
        let (left, right) = (IPAddress(name(first)), IPAddress(name(second)))
        if left?.isUnspecified == true || right?.isUnspecified == true { return true }
        return left.map { $0 == right } ?? (name(first) == name(second))
    }

    /// The host of a URL that `baseURL` admitted.
    static func host(ofURL url: String) -> String {
        let authority = url.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" }
        if authority.first == "[" { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    private static func isAuthority(_ text: Substring) -> Bool {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]"), let address = IPAddress.parse(String(text[text.index(after: text.startIndex)..<end])),
                address.count == 16
            else { return false }
            return isPortSuffix(text[text.index(after: end)...])
        }
        let host = text.prefix { $0 != ":" }
        return isHost(String(host)) && isPortSuffix(text[host.endIndex...])
    }

    private static func isPortSuffix(_ text: Substring) -> Bool {
        guard let colon = text.first else { return true }
        let digits = text.dropFirst()
        guard colon == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return Int(digits).map { (1...65535).contains($0) } ?? false
    }
}
