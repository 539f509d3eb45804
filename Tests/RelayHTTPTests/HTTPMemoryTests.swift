import NIOCore
import NIOEmbedded
import Testing

@testable import RelayHTTP

@Suite("What a connection holds in memory", .timeLimit(.minutes(5)))
struct HTTPMemoryTests {
    @Test("requests that straddle their reads leave no more behind than one of them", arguments: [100, 4000, 12000])
    func straddling(length: Int) throws {
        let loop = EmbeddedEventLoop()
        let connection = try HTTPConnection(testing: TestRoute(), on: loop)
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let request = Array(Self.request(headOf: length).utf8)
        let cut = length / 2
        try channel.writeInbound(ByteBuffer(bytes: request[..<cut]))
        for _ in 0..<(4 << 20) / length {
            try channel.writeInbound(ByteBuffer(bytes: request[cut...] + request[..<cut]))
            loop.run()
            #expect(try channel.readOutbound(as: ByteBuffer.self) != nil)
            guard connection.reader.heldBytes <= 64 << 10 else { break }
        }
        #expect(connection.reader.heldBytes <= 64 << 10)
        try channel.writeInbound(ByteBuffer(bytes: request[cut...]))
        loop.run()
        #expect(connection.reader.unreadBytes == 0)
        #expect(connection.reader.heldBytes == 0, "a connection that waits holds nothing")
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("behind a request that is being answered no more than 64 KiB wait, as much as the client may send")
    func pipelined() throws {
        let loop = EmbeddedEventLoop()
        let connection = try HTTPConnection(testing: TestRoute(), on: loop)
        let reads = ReadCounter()
        let channel = EmbeddedChannel(handlers: [reads, connection], loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let largest = HTTPConnection.receiveAllocator.maximum
        let stream = String(repeating: Self.request(headOf: 700), count: 200)
        var rest = ByteBuffer(string: stream)
        channel.read()
        while reads.count > 0, let piece = rest.readSlice(length: min(largest, rest.readableBytes)), piece.readableBytes > 0 {
            reads.count = 0
            try channel.writeInbound(ByteBuffer(bytes: piece.readableBytesView))
            channel.read()
        }
        #expect(rest.readableBytes > 0, "reading has stopped")
        #expect(connection.reader.heldBytes <= 64 << 10)
        loop.run()
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("line ends without end are held nowhere, in whatever pieces they come", arguments: [1, 2, 3, 1000, 16384])
    func emptyLines(piece: Int) throws {
        let loop = EmbeddedEventLoop()
        let connection = try HTTPConnection(testing: TestRoute(), on: loop)
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let lines = Array(String(repeating: "\r\n", count: 50_000).utf8)
        for start in stride(from: 0, to: lines.count, by: piece) {
            try channel.writeInbound(ByteBuffer(bytes: lines[start..<min(lines.count, start + piece)]))
            guard connection.reader.heldBytes <= 2 * 16384 else { break }
        }
        #expect(connection.reader.heldBytes == 0)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a body takes no more room than it may have, in whatever pieces it comes", arguments: [1, 1000, 16384])
    func body(piece: Int) throws {
        let limit = 600_000
        for framing in [HTTPBodyFraming.length(limit), .chunked] {
            var body = try HTTPBodyReader(framing: framing, limit: limit)
            for start in stride(from: 0, to: limit, by: piece) {
                let data = String(repeating: "x", count: min(piece, limit - start))
                var bytes = ByteBuffer(string: framing == .chunked ? "\(String(data.utf8.count, radix: 16))\r\n\(data)\r\n" : data)
                try body.consume(&bytes)
            }
            #expect(body.bytes.count == limit)
            #expect(body.bytes.capacity <= limit + (64 << 10))
        }
    }

    @Test("unread bytes are moved a few times at most, however small the pieces that arrive and are read")
    func moves() {
        var buffer = ByteBuffer()
        var first = ByteBuffer(repeating: 0x78, count: 40_000)
        buffer.takeIn(&first)
        var capacities: Set<Int> = []
        for _ in 0..<200_000 {
            buffer.moveReaderIndex(forwardBy: 30)
            var more = ByteBuffer(repeating: 0x78, count: 30)
            buffer.takeIn(&more)
            capacities.insert(buffer.storageCapacity)
        }
        #expect(buffer.readableBytes == 40_000)
        #expect(capacities == [1 << 16])
    }

    private static func request(headOf length: Int) -> String {
        let start = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nX: "
        return start + String(repeating: "x", count: length - start.utf8.count - 4) + "\r\n\r\nabc"
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0
        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }
}
