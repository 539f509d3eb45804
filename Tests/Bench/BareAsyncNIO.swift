import NIOCore
import NIOHTTP1
import NIOPosix

/// A bare route on NIO's HTTP/1 pipeline and its asynchronous channels, a task a connection: what the frameworks of structured concurrency are
/// built on (Hummingbird 2 among them: https://github.com/hummingbird-project/hummingbird, `HTTP1Channel`), without their routers and types. They cost at least this.
enum BareAsyncNIO {
    typealias Answer = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, Answer>
    typealias Listener = NIOAsyncChannel<Connection, Never>

    static func start(_ group: MultiThreadedEventLoopGroup) async throws -> Listener {
        try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 4096)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false,
                        withErrorHandling: true,
                        withOutboundHeaderValidation: false
                    )
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler())
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Answers until the listener is closed.
    static func serve(_ listener: Listener) async throws {
        try await withThrowingDiscardingTaskGroup { tasks in
            try await listener.executeThenClose { inbound in
                for try await connection in inbound { tasks.addTask { try await answer(connection) } }
            }
        }
    }

    private static func answer(_ connection: Connection) async throws {
        let body = ByteBuffer(string: #"{"status":"accepted"}"#)
        try await connection.executeThenClose { inbound, outbound in
            var received: ByteBuffer?
            for try await part in inbound {
                switch part {
                case .head: received = nil
                case .body(var more):
                    if received == nil { received = more } else { received?.writeBuffer(&more) }
                case .end:
                    let headers: HTTPHeaders = ["content-type": "application/json", "content-length": "\(body.readableBytes)"]
                    let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                    try await outbound.write(contentsOf: [.head(head), .body(body), .end(nil)])
                }
            }
        }
    }

    /// Brings answers, which may cross threads, into the form that NIO's encoder takes.
    private final class AnswerHandler: ChannelOutboundHandler {
        typealias OutboundIn = Answer
        typealias OutboundOut = HTTPServerResponsePart

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            let part: HTTPServerResponsePart =
                switch unwrapOutboundIn(data) {
                case .head(let head): .head(head)
                case .body(let bytes): .body(.byteBuffer(bytes))
                case .end(let trailers): .end(trailers)
                }
            context.write(wrapOutboundOut(part), promise: promise)
        }
    }
}
