import NIOCore

/// Turns a connection's bytes into requests, one at a time, without any I/O: a value with `mutating` steps.
/// Refuses per RFC 9112 whatever is ambiguous; parses nothing of the next request before it is asked to, so pipelining costs only the raw bytes.
struct HTTPRequestReader {
    private let limits: HTTPLimits
    private var scanner = HeadScanner()
    private var buffer = ByteBuffer()
    private var body: HTTPBodyReader?

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Bytes that arrived and are not read yet.
    var unreadBytes: Int { buffer.readableBytes }

    /// Bytes of memory held for them, and for the body under way.
    var heldBytes: Int { buffer.storageCapacity + (body?.bytes.capacity ?? 0) }

    mutating func append(_ bytes: inout ByteBuffer) {
        buffer.takeIn(&bytes)
    }

    /// Whether anything of a next request has come: line ends that some senders put after a body, or send to keep a connection, are none.
    mutating func holdsRequest() -> Bool {
        skipEmptyLines()
        return buffer.readableBytes > 1 || buffer.readableBytes == 1 && buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) != 0x0d
    }

    /// The next request's head once it is there whole.
    mutating func readHead(peer: PeerAddress) throws(HTTPFault) -> HTTPRequestHead? {
        skipEmptyLines()
        guard buffer.readableBytes > 0 else { return nil }
        let outcome = buffer.withUnsafeReadableBytes { [limits] bytes -> Result<[UInt8]?, HTTPFault> in
            do throws(HTTPFault) {
                guard let length = try scanner.blockLength(in: bytes, limit: limits.maxHeaderBytes) else { return .success(nil) }
                return .success([UInt8](bytes[0..<length]))
            } catch {
                return .failure(error)
            }
        }
        guard let block = try outcome.get() else { return nil }
        buffer.moveReaderIndex(forwardBy: block.count)
        buffer.releaseIfRead()
        return try HTTPRequestHead(parsing: block, peer: peer, limits: limits)
    }

    /// Begins the body of the head just read; throws when it is announced larger than `limit`.
    mutating func beginBody(of head: HTTPRequestHead, limit: Int) throws(HTTPFault) {
        body = try HTTPBodyReader(framing: head.framing, limit: limit)
    }

    /// The whole body once it is there.
    mutating func readBody() throws(HTTPFault) -> [UInt8]? {
        guard var reading = body.take() else { return nil }
        try reading.consume(&buffer)
        buffer.releaseIfRead()
        guard reading.isComplete else {
            body = reading
            return nil
        }
        return reading.bytes
    }

    /// Forgets everything unread.
    mutating func discard() {
        buffer = ByteBuffer()
        body = nil
    }

    /// RFC 9112 2.2: empty lines before a request line are passed over.
    private mutating func skipEmptyLines() {
        while buffer.readableBytes >= 2, buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) == 0x0d0a {
            buffer.moveReaderIndex(forwardBy: 2)
        }
        buffer.releaseIfRead()
    }
}
