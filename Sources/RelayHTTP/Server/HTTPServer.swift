import Glibc
package import Logging
import NIOCore
package import NIOPosix
import Synchronization

/// A listener for HTTP/1.1, with or without TLS, that serves one route.
/// It takes no more connections than configured, lets none wait for ever, and stops without dropping a request that it has begun.
package final class HTTPServer: Sendable {
    private struct State {
        var isStarted = false
        var listener: (any Channel)?
    }

    private let configuration: Configuration
    private let route: any HTTPRoute
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let connections = ConnectionRegistry()
    private let requestTimeout: AdjustableDuration
    private let state = Mutex(State())

    /// `group` must outlive the server and every request in its route.
    package init(configuration: Configuration, route: any HTTPRoute, group: MultiThreadedEventLoopGroup, logger: Logger) {
        self.configuration = configuration
        requestTimeout = AdjustableDuration(configuration.requestTimeout)
        self.route = route
        self.group = group
        self.logger = logger
    }

    /// The port that is listened on; `nil` before the start and after the shutdown.
    package var boundPort: Int? { state.withLock { $0.listener?.localAddress?.port } }

    /// Takes another request timeout; requests that have begun keep the one they began with.
    package func setRequestTimeout(_ timeout: Duration) { requestTimeout.set(timeout) }

    /// Binds and begins to accept; returns once connections are taken.
    package func start() async throws(HTTPServerError) {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw .alreadyStarted }
        let listener = try await bind()
        state.withLock { $0.listener = listener }
    }

    /// Stops accepting, closes idle connections, lets the busy ones finish for at most `grace`, then cuts them.
    /// Returns when all are closed; a route still at work then finishes unheard.
    package func shutdown(grace: Duration) async {
        let listener = state.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        try? await listener?.close().get()
        for channel in connections.beginClosing() {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let eventLoop = group.any()
        let cut = eventLoop.scheduleTask(in: TimeAmount(grace)) { [connections] in
            for channel in connections.open { channel.close(promise: nil) }
        }
        try? await connections.whenEmpty(on: eventLoop).get()
        cut.cancel()
    }

    private func bind() async throws(HTTPServerError) -> any Channel {
        let tls: TLSContext?
        do throws(TLSError) {
            tls = try configuration.tls.map { configuration throws(TLSError) in try TLSContext(server: configuration) }
        } catch {
            throw .tls(error)
        }
        let settings = HTTPConnection.Settings(
            route: route,
            limits: configuration.limits,
            requestTimeout: requestTimeout,
            idleTimeout: TimeAmount(configuration.idleTimeout),
            isTLS: tls != nil,
            logger: logger
        )
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: Int32(clamping: configuration.backlog))
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { [configuration, logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(maximum: configuration.maxConnections, logger: logger))
                }
            }
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [connections] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let peer = channel.remoteAddress.flatMap(PeerAddress.init), connections.add(channel) else {
                        throw ChannelError.ioOnClosedChannel
                    }
                    if let tls {
                        let session = try TLSSession(context: tls, peerName: nil)
                        try channel.pipeline.syncOperations.addHandler(TLSHandler(session: session, role: .server))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        HTTPConnection(settings: settings, peer: peer, eventLoop: channel.eventLoop)
                    )
                }
            }
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw HTTPServerError(binding: error, host: configuration.host, port: configuration.port)
        }
    }
}

extension HTTPServerError {
    /// Words what `bind` failed with.
    init(binding error: any Error, host: String, port: Int) {
        switch error {
        case is SocketAddressError:
            self = .cannotResolve(host: host)
        case let error as IOError where error.errnoCode == EADDRINUSE:
            self = .addressInUse(host: host, port: port)
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            self = .permissionDenied(host: host, port: port)
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
            self = .addressNotAvailable(host: host, port: port)
        default:
            self = .other(host: host, port: port, reason: "\(error)")
        }
    }
}
