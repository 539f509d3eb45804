import NIOCore
import NIOPosix
import Synchronization

/// A connection that any thread may hold and only its own loop may use.
struct PooledConnection: Sendable {
    let channel: any Channel
    private let connection: NIOLoopBound<HTTPClientConnection>

    /// To be made on the channel's loop.
    init(_ connection: HTTPClientConnection, channel: any Channel) {
        self.channel = channel
        self.connection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
    }

    func start(_ exchange: Exchange) {
        if channel.eventLoop.inEventLoop {
            connection.value.start(exchange)
        } else {
            channel.eventLoop.execute { connection.value.start(exchange) }
        }
    }
}

/// A client's connections by origin: the idle ones, how many are open, and who waits for one.
/// It opens no more than its bound per origin; the waiting are served in order, and their deadlines run while they wait.
final class ConnectionPool: Sendable {
    private struct Origin {
        var idle: [PooledConnection] = []
        var open = 0
        var waiting = CircularBuffer<Exchange>()
    }

    private struct State {
        var origins: [HTTPURL.Origin: Origin] = [:]
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isShutDown = false
    }

    private enum Step {
        case use(PooledConnection)
        case connect
        case wait
        case refuse
    }

    private let maxPerOrigin: Int
    private let group: MultiThreadedEventLoopGroup
    private let connect: @Sendable (Exchange, ConnectionPool) -> EventLoopFuture<PooledConnection>
    private let state = Mutex(State())

    /// `connect` opens a connection to the exchange's origin.
    init(
        maxPerOrigin: Int,
        group: MultiThreadedEventLoopGroup,
        connect: @escaping @Sendable (Exchange, ConnectionPool) -> EventLoopFuture<PooledConnection>
    ) {
        self.maxPerOrigin = max(1, maxPerOrigin)
        self.group = group
        self.connect = connect
    }

    /// Gives `exchange` a connection: an idle one, a new one, or the next that comes free.
    func submit(_ exchange: Exchange) {
        let step = state.withLock { state -> Step in
            guard !state.isShutDown else { return .refuse }
            if let idle = state.origins[exchange.origin, default: Origin()].idle.popLast() { return .use(idle) }
            guard state.origins[exchange.origin, default: Origin()].open < maxPerOrigin else {
                state.origins[exchange.origin]?.waiting.append(exchange)
                return .wait
            }
            state.origins[exchange.origin, default: Origin()].open += 1
            return .connect
        }
        switch step {
        case .use(let connection): connection.start(exchange)
        case .connect: open(for: exchange)
        case .wait: watch(exchange)
        case .refuse: exchange.end(.failure(.shutDown))
        }
    }

    /// Takes an idle connection back, on its loop; the longest waiting exchange starts on it at once.
    func release(_ connection: PooledConnection, origin: HTTPURL.Origin) {
        let next = state.withLock { state -> Exchange? in
            while let exchange = state.origins[origin]?.waiting.popFirst() {
                if !exchange.hasEnded { return exchange }
            }
            if connection.channel.isActive { state.origins[origin]?.idle.append(connection) }
            return nil
        }
        if let next { connection.start(next) }
    }

    /// Refuses what waits and what comes, and closes every connection; requests under way end with `connectionClosed`.
    func shutDown() async {
        let (waiting, channels) = state.withLock { state in
            state.isShutDown = true
            let waiting = state.origins.values.flatMap(\.waiting)
            state.origins = [:]
            return (waiting, Array(state.channels.values))
        }
        for exchange in waiting { exchange.end(.failure(.shutDown)) }
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }

    private func open(for exchange: Exchange) {
        connect(exchange, self).whenComplete { [self] result in
            switch result {
            case .success(let connection):
                guard admit(connection.channel, origin: exchange.origin) else {
                    connection.channel.close(promise: nil)
                    return exchange.end(.failure(.shutDown))
                }
                if exchange.hasEnded { release(connection, origin: exchange.origin) } else { connection.start(exchange) }
            case .failure(let error):
                exchange.end(.failure(HTTPClientError(connecting: error, exchange: exchange)))
                closed(nil, origin: exchange.origin)
            }
        }
    }

    private func admit(_ channel: any Channel, origin: HTTPURL.Origin) -> Bool {
        let isAdmitted = state.withLock { state in
            if !state.isShutDown { state.channels[ObjectIdentifier(channel)] = channel }
            return !state.isShutDown
        }
        if isAdmitted { channel.closeFuture.whenComplete { [self] _ in closed(channel, origin: origin) } }
        return isAdmitted
    }

    /// A connection is gone, or never came: whoever waits longest may open another.
    private func closed(_ channel: (any Channel)?, origin: HTTPURL.Origin) {
        let next = state.withLock { state -> Exchange? in
            if let channel {
                state.channels[ObjectIdentifier(channel)] = nil
                state.origins[origin]?.idle.removeAll { $0.channel === channel }
            }
            while let exchange = state.origins[origin]?.waiting.popFirst() {
                if !exchange.hasEnded { return exchange }
            }
            state.origins[origin]?.open -= 1
            return nil
        }
        // It takes the place of the connection that closed.
        if let next { open(for: next) }
    }

    /// Lets a waiting exchange's deadline run; one that gets a connection has its deadline watched there.
    private func watch(_ exchange: Exchange) {
        exchange.beginWaiting(
            group.any().scheduleTask(deadline: exchange.deadline) { exchange.end(.failure(.timeout(exchange.timeout))) }
        )
    }
}
