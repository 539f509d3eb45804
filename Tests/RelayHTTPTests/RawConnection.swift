import NIOCore
import NIOPosix
import Synchronization

/// A bare TCP connection for tests: sends exactly the bytes given and shows exactly what came back.
/// Waiting for bytes ends with the wanted ones or with the end of the connection, never by a clock.
final class RawConnection: Sendable {
    private struct State {
        var received = ""
        var isEnded = false
        var wasReset = false
        var waiters: [(wanted: String?, continuation: CheckedContinuation<Void, Never>)] = []

        func isMet(_ wanted: String?) -> Bool { isEnded || wanted.map(received.contains) ?? false }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let owner: RawConnection
        init(_ owner: RawConnection) { self.owner = owner }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            owner.change { $0.received += text }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { owner.change { $0.isEnded = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { owner.change { $0.isEnded = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            owner.change { $0.wasReset = true }
            context.close(promise: nil)
        }
    }

    private let state = Mutex(State())
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    /// Connects; with a small `receiveBuffer` the connection is a slow reader that must call `readOn`.
    static func open(port: Int, autoRead: Bool = true, receiveBuffer: Int? = nil) async throws -> RawConnection {
        let connection = RawConnection()
        var bootstrap = ClientBootstrap(group: testGroup)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelOption(ChannelOptions.autoRead, value: autoRead)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(connection)) }
            }
        if let receiveBuffer { bootstrap = bootstrap.channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: receiveBuffer) }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        connection.channel.withLock { $0 = channel }
        return connection
    }

    func send(_ text: String) async throws {
        try await channel.withLock { $0 }?.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Sends without waiting for the bytes to leave: the peer may not be reading.
    func push(_ text: String) {
        channel.withLock { $0 }?.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func readOn() async throws {
        try await channel.withLock { $0 }?.setOption(ChannelOptions.autoRead, value: true).get()
    }

    func closeOutput() async throws {
        try await channel.withLock { $0 }?.close(mode: .output).get()
    }

    func close() async {
        try? await channel.withLock { $0 }?.close().get()
    }

    /// All that was received by the time `text` is among it, or the connection has ended.
    func received(until text: String) async -> String { await wait(for: text) }

    var receivedSoFar: String { state.withLock { $0.received } }
    var isEnded: Bool { state.withLock { $0.isEnded } }
    /// Whether the connection broke rather than ended.
    var wasReset: Bool { state.withLock { $0.wasReset } }

    /// All that was received by the end of the connection.
    func receivedToEnd() async -> String { await wait(for: nil) }

    private func wait(for wanted: String?) async -> String {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if !state.isMet(wanted) { state.waiters.append((wanted, continuation)) }
                return state.isMet(wanted)
            }
            if isMet { continuation.resume() }
        }
        return state.withLock { $0.received }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let met = state.withLock { state in
            body(&state)
            let met = state.waiters.filter { state.isMet($0.wanted) }
            state.waiters = state.waiters.filter { !state.isMet($0.wanted) }
            return met
        }
        for waiter in met { waiter.continuation.resume() }
    }
}

/// One group for all tests: threads are few, connections many.
let testGroup = MultiThreadedEventLoopGroup(numberOfThreads: 2)
