/// An absolute `http` or `https` URL, split into where to connect and what to ask for (RFC 3986, RFC 9110 4.2).
/// Refuses user names, blanks, control bytes and what is not ASCII: nothing in it can end the request line early.
package struct HTTPURL: Sendable, Hashable {
    /// Where connections of one kind lead to; the key under which a client keeps them.
    struct Origin: Sendable, Hashable {
        var isSecure: Bool
        var host: String
        var port: Int
    }

    let origin: Origin
    /// Path and query, as they go into the request line.
    let target: String
    /// The value of `Host`: with brackets, and with the port unless it is the scheme's own.
    let authority: String

    package init(_ text: String) throws(HTTPClientError) {
        guard text.utf8.allSatisfy(\.isTargetByte) else {
            throw .invalidURL(reason: "it holds a blank, a control byte or a letter beyond ASCII")
        }
        let isSecure: Bool
        let rest: Substring
        if text.lowercased().hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if text.lowercased().hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            throw .invalidURL(reason: "it begins with neither http:// nor https://")
        }
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let place = rest[..<end]
        guard !place.contains("@") else { throw .invalidURL(reason: "it holds a user name or password") }
        let (host, port) = try Self.split(place)
        origin = Origin(isSecure: isSecure, host: host, port: port ?? (isSecure ? 443 : 80))
        authority = (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
        let tail = rest[end...].prefix { $0 != "#" }
        target = tail.hasPrefix("/") ? String(tail) : "/" + tail
    }

    /// Whether scheme, host and port are the same (RFC 6454, section 5): what a credential for one of both may be sent to.
    package func hasSameOrigin(as other: HTTPURL) -> Bool { origin == other.origin }

    private static func split(_ place: Substring) throws(HTTPClientError) -> (host: String, port: Int?) {
        let host: Substring
        var rest: Substring
        if place.hasPrefix("[") {
            guard let bracket = place.firstIndex(of: "]") else { throw .invalidURL(reason: "a bracket is not closed") }
            host = place[..<bracket].dropFirst()
            rest = place[bracket...].dropFirst()
            guard PeerAddress(host) != nil else { throw .invalidURL(reason: "what is in brackets is no IPv6 address") }
        } else {
            host = place.prefix { $0 != ":" }
            rest = place[host.endIndex...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy(\.isHostByte) else { throw .invalidURL(reason: "it names no host") }
        if rest.isEmpty { return (host.lowercased(), nil) }
        rest = rest.dropFirst()
        guard let port = Int(rest), (1...65535).contains(port) else { throw .invalidURL(reason: "its port is no number from 1 to 65535") }
        return (host.lowercased(), port)
    }
}
