import Logging
import NIOCore
import NIOPosix
import RelayHTTP
import RelayTestSupport

/// The relay's own server as the peer: echoes, holds `/hold` until it is let go, and answers as large as `/large` asks.
final class TestServer: HTTPRoute {
    let held = Gate()
    let arrived = Gate()

    /// Runs `body` with a server on a free port of this machine.
    static func run(
        maxConnections: Int = 1000,
        tls: TLSConfiguration? = nil,
        _ body: (TestServer, Int) async throws -> Void
    ) async throws {
        let route = TestServer()
        var configuration = HTTPServer.Configuration(host: "127.0.0.1", port: 0)
        configuration.maxConnections = maxConnections
        configuration.tls = tls
        let server = HTTPServer(
            configuration: configuration,
            route: route,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await server.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(route, server.boundPort ?? 0)) } catch { result = .failure(error) }
        route.held.open()
        await server.shutdown(grace: .zero)
        try result.get()
    }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .read(maxBody: 4 << 20) }

    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        switch head.path {
        case "/hold":
            arrived.open()
            await held.wait()
            return .text("held")
        case "/large": return HTTPServerResponse(status: 200, body: [UInt8](repeating: 0x78, count: Int(head.query ?? "") ?? 0))
        case "/headers": return .text(head.headers.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"))
        case "/nothing": return HTTPServerResponse(status: 204)
        default: return .text("\(head.method) \(head.path) \(head.query ?? "-") [\(String(decoding: body, as: UTF8.self))]")
        }
    }

    func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse {
        arrived.open()
        return .text(status: fault.status, "fault \(fault)")
    }
}

/// A server of another make: answers the requests of each connection with `answers`, in order, then closes.
/// An empty answer is a close without a word.
/// - Parameter onRequest: called with each request that came whole.
func withScriptedServer(
    _ answers: [String],
    onRequest: @escaping @Sendable () -> Void = {},
    _ body: (Int) async throws -> Void
) async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Script(answers, onRequest)) }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let result: Result<Void, any Error>
    do { result = .success(try await body(channel.localAddress?.port ?? 0)) } catch { result = .failure(error) }
    try await channel.close().get()
    try result.get()
}

/// Requests that come in one piece or with their body in a second one.
private final class Script: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private var answers: [String]
    private var received = ""
    private let onRequest: @Sendable () -> Void

    init(_ answers: [String], _ onRequest: @escaping @Sendable () -> Void) { (self.answers, self.onRequest) = (answers, onRequest) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let end = received.firstRange(of: "\r\n\r\n")?.upperBound else { return }
        let length = received.lowercased().firstRange(of: "content-length: ").map { received.lowercased()[$0.upperBound...] }
            .flatMap { Int($0.prefix { $0.isNumber }) }
        guard received[end...].utf8.count >= length ?? 0 else { return }
        received = ""
        onRequest()
        let answer = answers.isEmpty ? "" : answers.removeFirst()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let closes = answers.isEmpty
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer))).whenComplete { _ in
            if closes { bound.value.close(promise: nil) }
        }
    }
}
