import NIOCore
import NIOEmbedded
import Testing

@testable import RelayHTTP

@Suite("What a TLS session holds in memory", .timeLimit(.minutes(5)))
struct TLSMemoryTests {
    /// A server's channel and a client's session that has shaken hands with it.
    private final class Pair {
        let server: TLSSession
        let client: ForeignTLSClient
        let channel: EmbeddedChannel
        let sink = Sink()

        init() async throws {
            let certificates = try await Certificates.shared.value
            let files = TLSConfiguration(certificateFile: certificates.path("server"), privateKeyFile: certificates.path("server-key"))
            server = try TLSSession(context: TLSContext(server: files))
            client = try ForeignTLSClient()
            channel = EmbeddedChannel(handlers: [sink.reads, TLSHandler(session: server), sink])
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
            while !client.shakesHands() { try exchange() }
            try exchange()
        }

        /// Hands what each has for the other over.
        func exchange() throws {
            if let bytes = client.takeCiphertext() { try channel.writeInbound(bytes) }
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { client.receive(bytes) }
        }
    }

    @Test("the handshake's memory is given back")
    func handshake() async throws {
        let pair = try await Pair()
        #expect(pair.server.heldBytes == 0)
    }

    @Test("however much passes through at once, plaintext goes up by the record and OpenSSL keeps room for two pieces")
    func throughput() async throws {
        let pair = try await Pair()
        let (server, client, channel, sink) = (pair.server, pair.client, pair.channel, pair.sink)
        let data = ByteBuffer(repeating: 0x78, count: 8 << 20)
        try channel.writeInbound(try #require(client.encrypt(data)))
        #expect(sink.received == data.readableBytes)
        #expect(sink.largest <= TLSSession.piece)
        #expect(server.heldBytes <= 4 * TLSSession.piece)
        try channel.writeOutbound(data)
        #expect(try #require(try channel.readOutbound(as: ByteBuffer.self)).readableBytes > data.readableBytes)
        #expect(server.heldBytes <= 4 * TLSSession.piece)
    }

    @Test("what a peer sends behind its closing alert is dropped")
    func afterTheEnd() async throws {
        let pair = try await Pair()
        let (server, client, channel, sink) = (pair.server, pair.client, pair.channel, pair.sink)
        client.closeOutput()
        try pair.exchange()
        #expect(sink.isInputClosed)
        for _ in 0..<100 { try channel.writeInbound(ByteBuffer(repeating: 0x17, count: TLSSession.piece)) }
        #expect(server.heldBytes <= 2 * TLSSession.piece)
    }

    @Test("a server reads on only when its peer takes what it was sent")
    func backPressure() async throws {
        let pair = try await Pair()
        let (channel, sink) = (pair.channel, pair.sink)
        channel.read()
        let before = sink.reads.count
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.read()
        #expect(sink.reads.count == before)
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(sink.reads.count == before + 1)
    }

    private final class Sink: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let reads = ReadCounter()
        var received = 0
        var largest = 0
        var isInputClosed = false

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            received += bytes.readableBytes
            largest = max(largest, bytes.storageCapacity)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { isInputClosed = true }
        }
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
