import NIOCore

/// Turns a connection's bytes into the response to one request: a value without I/O (RFC 9112 4, 6.3).
/// Refuses the same ambiguities as the request reader; passes over interim responses (1xx).
struct HTTPResponseReader {
    private struct Head {
        var status: Int
        var headers: HTTPHeaders
        var keepsAlive: Bool
        /// The body ends with the connection.
        var isOpenEnded: Bool
    }

    private static let limits = HTTPLimits(maxHeaderBytes: 64 << 10, maxHeaderCount: 200)

    private let isHeadRequest: Bool
    private let maxBody: Int
    private var scanner = HeadScanner()
    private var buffer = ByteBuffer()
    private var head: Head?
    private var body: HTTPBodyReader?

    init(isHeadRequest: Bool, maxBody: Int) {
        self.isHeadRequest = isHeadRequest
        self.maxBody = maxBody
    }

    /// A response read whole, and whether its connection takes another request.
    struct Outcome {
        var response: HTTPClientResponse
        var keepsAlive: Bool
    }

    /// Takes `bytes` in; returns the response once it is whole.
    mutating func read(_ bytes: inout ByteBuffer) throws(HTTPFault) -> Outcome? {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
        while head == nil {
            guard try readHead() else { return nil }
        }
        guard let head, var reading = body.take() else { return nil }
        try reading.consume(&buffer)
        guard !head.isOpenEnded, reading.isComplete else {
            body = reading
            return nil
        }
        // Bytes beyond a response that nobody asked for make the connection unusable.
        return Outcome(
            response: HTTPClientResponse(status: head.status, headers: head.headers, body: reading.bytes),
            keepsAlive: head.keepsAlive && buffer.readableBytes == 0
        )
    }

    /// The connection has ended: the response if that is how it was to end.
    func end() -> Outcome? {
        guard let head, head.isOpenEnded, let body else { return nil }
        return Outcome(response: HTTPClientResponse(status: head.status, headers: head.headers, body: body.bytes), keepsAlive: false)
    }

    private mutating func readHead() throws(HTTPFault) -> Bool {
        let outcome = buffer.withUnsafeReadableBytes { bytes -> Result<[UInt8]?, HTTPFault> in
            do throws(HTTPFault) {
                guard let length = try scanner.blockLength(in: bytes, limit: Self.limits.maxHeaderBytes) else { return .success(nil) }
                return .success([UInt8](bytes[0..<length]))
            } catch {
                return .failure(error)
            }
        }
        guard let block = try outcome.get() else { return false }
        buffer.moveReaderIndex(forwardBy: block.count)
        let (status, minor, lineEnd) = try Self.statusLine(block)
        guard status >= 200 else { return true }
        let headers = try HTTPHeaders(
            parsing: block,
            from: lineEnd,
            maxCount: Self.limits.maxHeaderCount,
            limit: Self.limits.maxHeaderBytes
        )
        try begin(status: status, minor: minor, headers: headers)
        return true
    }

    private mutating func begin(status: Int, minor: UInt8, headers: HTTPHeaders) throws(HTTPFault) {
        let length = try headers.parsedContentLength()
        let isChunked = try headers.parsedChunked()
        guard !isChunked || length == nil else { throw .malformed(reason: "both Transfer-Encoding and Content-Length") }
        let closes = headers.listContains("close", in: "connection")
        var head = Head(
            status: status,
            headers: headers,
            keepsAlive: !closes && (minor > 0 || headers.listContains("keep-alive", in: "connection")),
            isOpenEnded: false
        )
        if isHeadRequest || status == 204 || status == 304 {
            body = try HTTPBodyReader(framing: .none, limit: maxBody)
        } else if isChunked {
            body = try HTTPBodyReader(framing: .chunked, limit: maxBody)
        } else if let length {
            body = try HTTPBodyReader(framing: .length(length), limit: maxBody)
        } else {
            head.isOpenEnded = true
            body = HTTPBodyReader(openEndedWithLimit: maxBody)
        }
        self.head = head
    }

    /// `HTTP/1.x SP 3DIGIT [SP reason] CRLF`; the offset is that of the first field.
    private static func statusLine(_ block: [UInt8]) throws(HTTPFault) -> (status: Int, minor: UInt8, lineEnd: Int) {
        let name: StaticString = "HTTP/1."
        guard block.count >= 16, name.withUTF8Buffer({ block[0..<7].elementsEqual($0) }), block[7] >= 0x30, block[7] <= 0x39,
            block[8] == 0x20, block[9..<12].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), block[9] > 0x30,
            block[12] == 0x20 || block[12] == 0x0d, let lineFeed = block.firstIndex(of: 0x0a)
        else { throw .malformed(reason: "no HTTP/1.x status line") }
        return (block[9..<12].reduce(0) { $0 * 10 + Int($1 - 0x30) }, block[7] - 0x30, lineFeed + 1)
    }
}
