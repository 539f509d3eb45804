import Logging
import NIOCore
import NIOPosix

/// Keeps one address listened on: accepts by a channel of NIO's and, when that closes by itself, by another on the same socket, which keeps the
/// backlog, or on a new socket at the same address and port. Everything happens on one event loop.
///
/// Connections that are open are not touched by any of this. It gives up as ``ListenerRecovery`` says, and tells ``ListenerCondition``.
final class Listener {
    private let eventLoop: any EventLoop
    private let gate: AcceptGate
    private let bootstrap: ServerBootstrap
    private let condition: ListenerCondition
    private let backlog: Int
    private let name: String
    private let logger: Logger
    /// As it was bound first: with its port, whatever the configuration says.
    private let address: SocketAddress
    /// Nil while it cannot be bound.
    private var socket: ListeningSocket?
    private var channel: (any Channel)?
    private var recovery = ListenerRecovery()
    private var retry: Scheduled<Void>?
    private var isClosed = false
    private var isFaultLogged = false
    private var lastLine: NIODeadline?

    /// - Parameters:
    ///   - bootstrap: of `eventLoop`, with `gate` among the listener's handlers.
    ///   - name: the address as it was configured, for the log.
    init(
        _ socket: ListeningSocket,
        bootstrap: ServerBootstrap,
        gate: AcceptGate,
        condition: ListenerCondition,
        backlog: Int,
        name: String,
        eventLoop: any EventLoop,
        logger: Logger
    ) {
        self.socket = socket
        address = socket.address
        recovery.isInherited = socket.isInherited
        self.bootstrap = bootstrap
        self.gate = gate
        self.condition = condition
        self.backlog = backlog
        self.name = name
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// Begins to accept from the socket at hand.
    func open() -> EventLoopFuture<Void> {
        guard let socket else { return eventLoop.makeFailedFuture(ChannelError.alreadyClosed) }
        let lent: CInt
        do throws(IOError) { lent = try socket.lend() } catch { return eventLoop.makeFailedFuture(error) }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return bootstrap.withBoundSocket(lent).map { bound.value.opened($0) }
    }

    private func opened(_ channel: any Channel) {
        guard !isClosed else { return channel.close(promise: nil) }
        self.channel = channel
        socket?.restoreBacklog()
        condition.fault = nil
        recovery.listens(at: .now())
        if isFaultLogged { logger.notice("the listener accepts again", metadata: ["listener": "\(name)"]) }
        isFaultLogged = false
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        gate.accepted = { bound.value.recovery.accepted() }
        channel.closeFuture.whenComplete { _ in bound.value.lostChannel() }
    }

    /// The first half of a stop: accepts nothing more, and sees to it that whoever was accepted gets in.
    func stopAccepting() {
        retry?.cancel()
        gate.stopAccepting()
    }

    /// Stops listening for good; the connections in the backlog are reset, unless somebody else holds the socket.
    func close() -> EventLoopFuture<Void> {
        guard !isClosed else { return eventLoop.makeSucceededVoidFuture() }
        isClosed = true
        stopAccepting()
        gate.close()
        gate.accepted = {}
        closeSocket()
        condition.closed()
        return channel?.close() ?? eventLoop.makeSucceededVoidFuture()
    }

    private func lostChannel() {
        channel = nil
        guard !isClosed else { return }
        let error = gate.lastError
        failed(.accepting(errno: (error as? IOError)?.errnoCode), because: error.map { "\($0)" } ?? "the socket was hung up")
    }

    private func failed(_ failure: ListenerRecovery.Failure, because reason: String) {
        guard !isClosed else { return }
        let action = recovery.failed(failure, at: .now())
        condition.fault = "\(name): \(reason)"
        switch action {
        case .accept(let pause):
            logFault(reason)
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            retry = eventLoop.scheduleTask(in: pause) { bound.value.openAgain() }
        case .bind(let pause):
            logFault(reason)
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            retry = eventLoop.scheduleTask(in: pause) { bound.value.bindAgain() }
        case .giveUp:
            condition.lost(.lost(listener: name, reason: reason))
        }
    }

    private func openAgain() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        open().whenFailure { error in
            bound.value.failed(.accepting(errno: (error as? IOError)?.errnoCode), because: "\(error)")
        }
    }

    private func bindAgain() {
        closeSocket()
        do throws(IOError) { socket = try ListeningSocket(binding: address, backlog: backlog) } catch {
            return failed(.binding(errno: error.errnoCode), because: "\(error)")
        }
        openAgain()
    }

    private func closeSocket() {
        socket?.close()
        socket = nil
    }

    /// Of a row the 1st, 2nd, 4th, 8th, …; of single failures that strangers may bring about, one in ten seconds.
    private func logFault(_ reason: String) {
        let failures = recovery.failures
        let now = NIODeadline.now()
        guard failures & (failures - 1) == 0, failures > 1 || lastLine.map({ now - $0 >= .seconds(10) }) ?? true else { return }
        lastLine = now
        isFaultLogged = true
        logger.error(
            "the listener failed and is taken up again",
            metadata: ["listener": "\(name)", "error": "\(reason)", "failures": "\(failures)"]
        )
    }
}
