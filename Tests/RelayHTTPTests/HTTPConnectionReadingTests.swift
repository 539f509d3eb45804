import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import RelayHTTP

@Suite("How much a connection takes in", .timeLimit(.minutes(5)))
struct HTTPConnectionReadingTests {
    @Test("reading stops while enough waits behind the request at hand, and goes on after its answer")
    func backPressure() throws {
        let reads = ReadCounter()
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(handlers: [reads, try HTTPConnection(testing: TestRoute(), on: loop)], loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.read()
        #expect(reads.count == 1)

        let request = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000)
        try channel.writeInbound(ByteBuffer(string: request))
        channel.read()
        #expect(reads.count == 2, "little waits, so reading goes on")
        let many = (HTTPConnection.maxUnread / request.utf8.count) + 1
        try channel.writeInbound(ByteBuffer(string: String(repeating: request, count: many)))
        channel.read()
        #expect(reads.count == 2, "enough waits")

        // The route's task runs here, on the embedded loop; with its answer room comes up.
        loop.run()
        #expect(reads.count == 3)
        #expect(try channel.readOutbound(as: ByteBuffer.self) != nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a connection is idle since its accept or its last answer, whatever empty lines it sends meanwhile")
    func idleSince() throws {
        let loop = EmbeddedEventLoop()
        let connection = try HTTPConnection(testing: TestRoute(), on: loop)
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let accepted = try #require(connection.idleSince)
        for emptyLines in ["\r\n", "\r", "\n\r\n\r"] {
            try channel.writeInbound(ByteBuffer(string: emptyLines))
            #expect(connection.idleSince == accepted)
        }
        try channel.writeInbound(ByteBuffer(string: "\nGET /a HTTP/1.1\r\nHo"))
        #expect(connection.idleSince == nil)
        try channel.writeInbound(ByteBuffer(string: "st: h\r\n\r\n"))
        #expect(connection.idleSince == nil)
        loop.run()
        let answered = try #require(connection.idleSince)
        #expect(answered > accepted)
        try channel.writeInbound(ByteBuffer(string: "\r\n"))
        #expect(connection.idleSince == answered)
        _ = try channel.finish(acceptAlreadyClosed: true)
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

extension HTTPConnection {
    /// A connection that is accepted but not yet in a pipeline.
    convenience init(testing route: any HTTPRoute, on eventLoop: EmbeddedEventLoop) throws {
        let settings = Settings(
            route: route,
            limits: HTTPLimits(),
            requestTimeout: AdjustableDuration(.seconds(10)),
            idleTimeout: AdjustableDuration(.seconds(10)),
            isTLS: false,
            logger: Logger(label: "test")
        )
        self.init(settings: settings, peer: try #require(PeerAddress("127.0.0.1")), eventLoop: eventLoop)
    }
}
