import NIOCore

extension HTTPClient {
    /// Head and body in one buffer, so that a request is one write (RFC 9112 3).
    /// `Host` and `Content-Length` are the client's to write; a header that would break the request's framing is refused.
    static func encode(
        method: String,
        url: HTTPURL,
        headers: [(String, String)],
        body: [UInt8]?
    ) throws(HTTPClientError) -> ByteBuffer {
        guard !method.isEmpty, method.utf8.allSatisfy(\.isTokenByte) else { throw .invalidRequest(reason: "its method is no token") }
        let headerCount = headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 }
        var out = ByteBuffer()
        out.reserveCapacity(64 + url.target.utf8.count + url.authority.utf8.count + headerCount + (body?.count ?? 0))
        out.writeString(method)
        out.writeStaticString(" ")
        out.writeString(url.target)
        out.writeStaticString(" HTTP/1.1\r\nhost: ")
        out.writeString(url.authority)
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenByte) else { throw .invalidRequest(reason: "a header's name is no token") }
            guard !["host", "content-length", "transfer-encoding", "connection", "expect"].contains(name.lowercased()) else {
                throw .invalidRequest(reason: "the header \(name) is the client's own to write")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw .invalidRequest(reason: "the header \(name) holds a control byte")
            }
            out.writeStaticString("\r\n")
            out.writeString(name)
            out.writeStaticString(": ")
            out.writeString(value)
        }
        // RFC 9110 8.6: a method that takes a body says so even when it is empty.
        if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
            out.writeStaticString("\r\ncontent-length: ")
            out.writeDecimal(body?.count ?? 0)
        }
        out.writeStaticString("\r\n\r\n")
        if let body { out.writeBytes(body) }
        return out
    }
}
