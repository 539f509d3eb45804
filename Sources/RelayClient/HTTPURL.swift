import CCurl

/// An absolute `http` or `https` URL, and where it leads to (RFC 3986, RFC 9110 4.2).
/// Refuses user names, blanks, control bytes and what is not ASCII: nothing in it is a secret by its place or ends the request line early.
package struct HTTPURL: Sendable, Hashable {
    /// Where connections of one kind lead to.
    struct Origin: Sendable, Hashable {
        var isSecure: Bool
        /// In lower case, an IPv6 address without its brackets.
        var host: String
        var port: Int
    }

    let origin: Origin
    let text: String

    package init(_ text: String) throws(HTTPClientError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalidURL(reason: "it holds a blank, a control byte or a letter beyond ASCII")
        }
        let scheme = text.prefix(8).lowercased()
        let isSecure = scheme == "https://"
        guard isSecure || scheme.hasPrefix("http://") else { throw .invalidURL(reason: "it begins with neither http:// nor https://") }
        // libcurl reads over further slashes and would take the path for the host.
        guard text.dropFirst(isSecure ? 8 : 7).first.map({ !"/?#".contains($0) }) ?? false else {
            throw .invalidURL(reason: "it names no host")
        }
        guard let parts = URLParts(text), let host = parts.host, !host.isEmpty else {
            throw .invalidURL(reason: "its host or port cannot be read")
        }
        guard !parts.namesUser else { throw .invalidURL(reason: "it holds a user name or password") }
        guard let port = parts.port, (1...65535).contains(port) else {
            throw .invalidURL(reason: "its port is no number from 1 to 65535")
        }
        origin = Origin(isSecure: isSecure, host: host, port: port)
        self.text = text
    }

    /// Whether scheme, host and port are the same (RFC 6454, section 5): what a credential for one of both may be sent to.
    package func hasSameOrigin(as other: HTTPURL) -> Bool { origin == other.origin }

    /// A URL as it may be shown, whatever was written: without its query, and not at all where a user or password may be meant.
    package static func shown(_ text: String) -> String {
        if text.contains("@"), (try? HTTPURL(text)) == nil { return "the URL" }
        return String(text.prefix { $0 != "?" && $0 != "#" })
    }
}

/// A URL taken apart by libcurl, which connects by the same reading.
struct URLParts {
    /// In lower case, an IPv6 address without its brackets.
    let host: String?
    /// What is written, or the scheme's own.
    let port: Int?
    /// The port only where it is written.
    let writtenPort: Int?
    let namesUser: Bool

    init?(_ text: String, isProxy: Bool = false) {
        guard let url = relay_curl_parse_url(text, isProxy ? 1 : 0) else { return nil }
        defer { curl_url_cleanup(url) }
        func part(_ part: CURLUPart, fillsPort: Bool = false) -> String? {
            guard let text = relay_curl_url_part(url, part, fillsPort ? 1 : 0) else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        host = part(CURLUPART_HOST).map {
            ($0.hasPrefix("[") ? String($0.dropFirst().prefix { $0 != "]" }) : $0).lowercased()
        }
        port = part(CURLUPART_PORT, fillsPort: true).flatMap { Int($0) }
        writtenPort = part(CURLUPART_PORT).flatMap { Int($0) }
        namesUser = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    }
}
