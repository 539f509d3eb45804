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
        var listener: NIOLoopBound<Listener>?
        var boundPort: Int?
    }

    private let configuration: Configuration
    private let route: any HTTPRoute
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    /// The listener's own; connections are spread over the group.
    private let eventLoop: any EventLoop
    private let connections = ConnectionRegistry()
    private let condition = ListenerCondition()
    private let requestTimeout: AdjustableDuration
    let tls = CurrentTLS()
    private let idleTimeout: AdjustableDuration
    private let state = Mutex(State())

    /// `group` must outlive the server and every request in its route.
    package init(configuration: Configuration, route: any HTTPRoute, group: MultiThreadedEventLoopGroup, logger: Logger) {
        self.configuration = configuration
        requestTimeout = AdjustableDuration(configuration.requestTimeout)
        idleTimeout = AdjustableDuration(configuration.idleTimeout)
        self.route = route
        self.group = group
        eventLoop = group.next()
        self.logger = logger
    }

    /// The port that is listened on; `nil` before the start and after the shutdown.
    package var boundPort: Int? { state.withLock { $0.boundPort } }

    /// What is listened on, as it stands in a URL; `nil` before the start and after the shutdown.
    package var boundAuthority: String? { boundPort.map(configuration.name(port:)) }

    /// Why nothing can be accepted now, with the address; nil while it can.
    package var listenerFault: String? { condition.fault }

    /// Returns after the shutdown; throws when the listener is lost and cannot be had again.
    package func whenEnded() async throws(HTTPServerError) { try await condition.whenEnded() }

    /// Takes another request timeout; requests that have begun keep the one they began with.
    package func setRequestTimeout(_ timeout: Duration) { requestTimeout.set(timeout) }

    /// Takes another idle timeout; a connection that waits already takes it after its next answer.
    package func setIdleTimeout(_ timeout: Duration) { idleTimeout.set(timeout) }

    /// Binds and begins to accept; returns once connections are taken.
    package func start() async throws(HTTPServerError) {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw .alreadyStarted }
        let socket = try bind()
        let listener = try await listen(on: socket)
        state.withLock { state in
            state.listener = listener
            state.boundPort = socket.address.port
        }
    }

    /// Stops accepting, lets whoever was accepted finish for at most `grace`, and cuts what is left. Idle connections are closed once they have
    /// lingered; an inherited socket is left as it is, with all that wait in its backlog.
    /// Returns when all connections are closed; a route still at work then finishes unheard.
    package func shutdown(grace: Duration) async {
        let listener = state.withLock { state in
            defer { (state.listener, state.boundPort) = (nil, nil) }
            return state.listener
        }
        if let listener {
            try? await eventLoop.submit { listener.value.stopAccepting() }.get()
            await settleAccepted()
            try? await eventLoop.flatSubmit { listener.value.close() }.get()
        }
        let quiesce = Quiesce(lingering: TimeAmount(configuration.lingering))
        for channel in connections.beginClosing() { channel.pipeline.fireUserInboundEventTriggered(quiesce) }
        let eventLoop = group.any()
        let cut = eventLoop.scheduleTask(in: TimeAmount(grace)) { [connections] in
            for place in connections.places { place.channel.close(promise: nil) }
        }
        try? await connections.whenEmpty(on: eventLoop).get()
        cut.cancel()
    }

    /// Returns when everyone who was accepted is among the connections. NIO sets each up on its own loop, brings it back to the listener's, where it
    /// closes those that find the listener closed, and registers it on its own; a loop's tasks run in order.
    private func settleAccepted() async {
        let all = Array(group.makeIterator())
        for loops in [all, [eventLoop], all] {
            for loop in loops { try? await loop.submit {}.get() }
        }
    }

    private func bind() throws(HTTPServerError) -> ListeningSocket {
        do {
            if let socket = configuration.socket { return try ListeningSocket(inheriting: socket, backlog: configuration.backlog) }
            let address = try SocketAddress.makeAddressResolvingHost(configuration.host, port: configuration.port)
            return try ListeningSocket(binding: address, backlog: configuration.backlog)
        } catch {
            throw HTTPServerError(binding: error, host: configuration.host, port: configuration.port)
        }
    }

    private func listen(on socket: ListeningSocket) async throws(HTTPServerError) -> NIOLoopBound<Listener> {
        do {
            let initialize = try childInitializer()
            let listener = try await eventLoop.submit { [self] in
                NIOLoopBound(makeListener(socket, childInitializer: initialize), eventLoop: eventLoop)
            }.get()
            try await eventLoop.flatSubmit { listener.value.open() }.get()
            return listener
        } catch {
            socket.close()
            if let error = error as? HTTPServerError { throw error }
            throw HTTPServerError(binding: error, host: configuration.host, port: configuration.port)
        }
    }

    /// On the listener's event loop.
    private func makeListener(
        _ socket: ListeningSocket,
        childInitializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> Listener {
        let gate = AcceptGate(configuration.gate, route: route, connections: connections, eventLoop: eventLoop, logger: logger)
        let bound = NIOLoopBound(gate, eventLoop: eventLoop)
        let bootstrap = ServerBootstrap(group: eventLoop, childGroup: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(ChannelOptions.recvAllocator, value: HTTPConnection.receiveAllocator)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer(childInitializer)
        return Listener(
            socket,
            bootstrap: bootstrap,
            gate: gate,
            condition: condition,
            backlog: configuration.backlog,
            name: configuration.name(port: socket.address.port ?? configuration.port),
            eventLoop: eventLoop,
            logger: logger
        )
    }

    /// Sets up a connection that was given a place.
    private func childInitializer() throws(HTTPServerError) -> @Sendable (any Channel) -> EventLoopFuture<Void> {
        do throws(TLSError) {
            tls.replace(by: try configuration.tls.map { configuration throws(TLSError) in try TLSContext(server: configuration) })
        } catch {
            throw .tls(error)
        }
        let settings = HTTPConnection.Settings(
            route: route,
            limits: configuration.limits,
            requestTimeout: requestTimeout,
            idleTimeout: idleTimeout,
            isTLS: configuration.tls != nil,
            logger: logger
        )
        return { [connections, tls] channel in
            channel.eventLoop.makeCompletedFuture {
                let place = Place(channel: channel)
                guard let peer = channel.remoteAddress.flatMap(PeerAddress.init), connections.add(place) else {
                    throw ChannelError.ioOnClosedChannel
                }
                if let context = tls.context {
                    let session = try TLSSession(context: context)
                    try channel.pipeline.syncOperations.addHandler(TLSHandler(session: session))
                }
                let connection = HTTPConnection(settings: settings, peer: peer, eventLoop: channel.eventLoop)
                connection.place = place
                try channel.pipeline.syncOperations.addHandler(connection)
            }
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
