import NIOCore
import NIOPosix
import Synchronization

/// A proxy that makes tunnels (`CONNECT`, RFC 9110 9.3.6), all of them to one port of this machine whatever name was asked for, and refuses
/// what does not show its credentials. It takes no other requests.
package final class TunnelProxy: Sendable {
    private let listener: any Channel
    private let log: Log
    package let port: Int

    fileprivate final class Log: Sendable {
        let requests = Mutex<[String]>([])
    }

    /// - Parameters:
    ///   - credentials: what `Proxy-Authorization` must hold, `nil` for no demand.
    ///   - status: what every request is answered instead of its tunnel.
    package init(to port: Int, credentials: String? = nil, status: Int? = nil) async throws {
        let log = Log()
        self.log = log
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Tunnel(port: port, credentials: credentials, status: status, log: log)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        // A closed channel may not know it any more.
        self.port = listener.localAddress?.port ?? 0
    }

    /// Each name and port that was asked for, and what was answered.
    package var requests: [String] { log.requests.withLock { $0 } }

    package func close() async throws { try await listener.close().get() }
}

/// One connection: reads the request's head, then passes bytes both ways.
private final class Tunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let port: Int
    private let credentials: String?
    private let status: Int?
    private let log: TunnelProxy.Log
    private var head = ""
    private var peer: (any Channel)?
    private var isAnswered = false

    init(port: Int, credentials: String?, status: Int?, log: TunnelProxy.Log) {
        (self.port, self.credentials, self.status, self.log) = (port, credentials, status, log)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let peer { return peer.writeAndFlush(bytes, promise: nil) }
        head += String(buffer: bytes)
        guard head.hasSuffix("\r\n\r\n"), !isAnswered else { return }
        isAnswered = true
        let lines = head.split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        let shown = lines.first { $0.lowercased().hasPrefix("proxy-authorization: ") }?.dropFirst(21)
        let isAllowed = credentials.map { $0 == shown ?? "" } ?? true
        let answer = status ?? (words.first != "CONNECT" ? 405 : isAllowed ? 200 : 407)
        log.requests.withLock { $0.append("\(words.dropFirst().first ?? "") \(answer)") }
        guard answer == 200 else {
            let demand = answer == 407 ? "Proxy-Authenticate: Basic realm=\"proxy\"\r\n" : ""
            return context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 \(answer) No\r\n\(demand)Content-Length: 0\r\n\r\n")),
                promise: nil
            )
        }
        connect(context)
    }

    private func connect(_ context: ChannelHandlerContext) {
        let client = context.channel
        let this = NIOLoopBound(self, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Return(client)) }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenComplete { result in
                guard case .success(let channel) = result else { return client.close(promise: nil) }
                this.value.peer = channel
                client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connected\r\n\r\n"), promise: nil)
            }
    }

    func channelInactive(context: ChannelHandlerContext) { peer?.close(promise: nil) }

    /// The tunnel's other direction.
    private final class Return: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: any Channel
        init(_ client: any Channel) { self.client = client }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { client.writeAndFlush(unwrapInboundIn(data), promise: nil) }
        func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
    }
}
