import NIOCore

extension HTTPServerResponse {
    /// How a response is framed on its connection.
    struct Framing {
        var closes: Bool
        var isVersion10: Bool
        var omitsBody: Bool
    }

    /// Head and body in one buffer, so that a response is one write (RFC 9112 4-6).
    func encoded(framing: Framing, date: [UInt8], allocator: ByteBufferAllocator) -> ByteBuffer {
        let bodyCount = framing.omitsBody || !mayHaveBody ? 0 : body.count
        let headerCount = headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 }
        var out = allocator.buffer(capacity: 160 + headerCount + bodyCount)
        out.writeStaticString("HTTP/1.1 ")
        out.writeDecimal(status)
        out.writeStaticString(" ")
        out.writeStaticString(HTTPStatus.reason(status))
        out.writeStaticString("\r\ndate: ")
        out.writeBytes(date)
        if mayHaveBody {
            out.writeStaticString("\r\ncontent-length: ")
            out.writeDecimal(body.count)
        }
        if framing.closes {
            out.writeStaticString("\r\nconnection: close")
        } else if framing.isVersion10 {
            out.writeStaticString("\r\nconnection: keep-alive")
        }
        for (name, value) in headers where !Self.isServerField(name) {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenByte) else { continue }
            out.writeStaticString("\r\n")
            out.writeString(name)
            out.writeStaticString(": ")
            out.writeFieldValue(value)
        }
        out.writeStaticString("\r\n\r\n")
        if bodyCount > 0 { out.writeBytes(body) }
        return out
    }

    /// RFC 9110 15.2, 15.3.5, 15.4.5: these end with their header block.
    private var mayHaveBody: Bool { status >= 200 && status != 204 && status != 304 }

    private static func isServerField(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.lowercased() == "date"
        case 10: name.lowercased() == "connection"
        case 14: name.lowercased() == "content-length"
        case 17: name.lowercased() == "transfer-encoding"
        default: false
        }
    }
}

extension ByteBuffer {
    mutating func writeDecimal(_ value: Int) {
        if value >= 0, value < 10 {
            writeInteger(UInt8(truncatingIfNeeded: 0x30 + value))
        } else {
            writeString(String(value))
        }
    }

    /// A control byte in a value would end the field and start one of the value's own (response splitting).
    mutating func writeFieldValue(_ value: String) {
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) {
            writeString(value)
        } else {
            writeBytes(value.utf8.map { $0 >= 0x20 && $0 != 0x7f ? $0 : 0x20 })
        }
    }
}

/// The reason phrases of RFC 9110 15; nobody may rely on them, people read them.
enum HTTPStatus {
    static func reason(_ status: Int) -> StaticString {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
