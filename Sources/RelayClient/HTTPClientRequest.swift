/// What goes out: checked, so that nothing in it breaks the request's framing. `Host` and `Content-Length` are the client's to write.
struct HTTPClientRequest: Sendable {
    let method: String
    let url: HTTPURL
    let headers: [(name: String, value: String)]
    let body: [UInt8]?

    init(method: String, url: HTTPURL, headers: [(String, String)], body: [UInt8]?) throws(HTTPClientError) {
        guard !method.isEmpty, method.utf8.allSatisfy(\.isTokenByte) else { throw .invalidRequest(reason: "its method is no token") }
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenByte) else { throw .invalidRequest(reason: "a header's name is no token") }
            guard !["host", "content-length", "transfer-encoding", "connection", "expect"].contains(name.lowercased()) else {
                throw .invalidRequest(reason: "the header \(name) is the client's own to write")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw .invalidRequest(reason: "the header \(name) holds a control byte")
            }
        }
        self.method = method
        self.url = url
        self.headers = headers.map { (name: $0.0, value: $0.1) }
        self.body = body
    }

    /// Whether the request may be sent again when a kept connection turns out to be dead (RFC 9110 9.2.2).
    var isRepeatable: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method) }

    /// RFC 9110 8.6: a method that takes a body says so even when it is empty.
    var sendsBody: Bool { body != nil || ["POST", "PUT", "PATCH"].contains(method) }

    func contains(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name } }
}

extension UInt8 {
    /// RFC 9110 5.6.2.
    fileprivate var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
