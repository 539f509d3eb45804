import Glibc
import Logging
import NIOCore

/// Decides at the door of one listener: who is turned away, who takes a place, who waits, and when nothing is accepted at all.
///
/// It lives on while the channel that accepts is replaced. The valve is `autoRead`: withholding `read` alone leaves NIO registered after a failed
/// `accept`, and it would spin. Without a place free it accepts no more than the one for whom another is to give way.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    /// Accepts per readiness event; also how many strangers may be on their way out at once.
    static let burst = 16
    static let pause = TimeAmount.milliseconds(250)

    struct Settings: Sendable {
        /// Connections that have a place.
        var maximum: Int
        /// Who has been idle for less is not asked to give way: its request may be under way.
        var leastIdle: TimeAmount
        /// Keeps one descriptor back for when there are no more, so that one connection at a time can be taken even then.
        var keepsSpare: Bool
    }

    let settings: Settings
    let eventLoop: any EventLoop
    let connections: ConnectionRegistry
    private let route: any HTTPRoute
    private let logger: Logger
    /// Called for each connection that is accepted, whatever becomes of it.
    var accepted: () -> Void = {}
    private(set) var lastError: (any Error)?
    var isMakingRoom = false
    var idle = IdleQueue()
    private var context: ChannelHandlerContext?
    private var open = 0
    private var departing = 0
    /// Accepted, but without a place yet: one at most, as no more is accepted meanwhile.
    private var newcomers: [any Channel] = []
    private var isClosed = false
    private var isStopping = false
    private var isReading = true
    private var allowance = 0
    private var pausing: Scheduled<Void>?
    private var misses = 0
    private var shortage = AcceptShortage()
    private var isWatchingShortage = false
    private var spare = SpareDescriptor()

    init(_ settings: Settings, route: any HTTPRoute, connections: ConnectionRegistry, eventLoop: any EventLoop, logger: Logger) {
        self.settings = settings
        self.route = route
        self.connections = connections
        self.eventLoop = eventLoop
        self.logger = logger
        spare.restore(if: settings.keepsSpare)
    }

    // MARK: The channel that accepts

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastError = nil
        isReading = true
        allowance = 0
        turnValve()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        seat()
    }

    func read(context: ChannelHandlerContext) {
        tuneAllowance()
        context.read()
    }

    /// NIO closes the channel after what it does not know to pass; then its listener is asked for a new one.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lastError = error
        switch (error as? IOError)?.errnoCode {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: ranShort(error)
        case ECONNABORTED:
            misses += 1
            if misses > Self.burst { ranShort(error) }
        default: break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let child = unwrapInboundIn(data)
        misses = 0
        accepted()
        guard !isClosed, let peer = child.remoteAddress.flatMap(PeerAddress.init), route.admits(peer) else { return turnAway(child) }
        newcomers.append(child)
        seat()
    }

    /// From here on nothing is accepted; whoever waits for a place gets in, whatever the maximum: it is one or few, for the rest of a stop.
    func stopAccepting() {
        endPause()
        isStopping = true
        seat()
    }

    /// Ends the spare descriptor and whoever still waits for a place.
    func close() {
        endPause()
        isClosed = true
        for newcomer in newcomers { newcomer.close(promise: nil) }
        newcomers = []
        _ = spare.giveUp()
    }

    // MARK: Places

    /// Gives places to newcomers, and where there are none sees to it that one becomes free.
    private func seat() {
        while isStopping || open < settings.maximum, !newcomers.isEmpty, let context { take(newcomers.removeFirst(), context) }
        if !newcomers.isEmpty { makeRoom() }
        turnValve()
    }

    private func take(_ child: any Channel, _ context: ChannelHandlerContext) {
        open += 1
        whenClosed(child) { $0.open -= 1 }
        context.fireChannelRead(wrapInboundOut(child))
    }

    /// Closes who may not connect: no place, no handler, no handshake.
    private func turnAway(_ child: any Channel) {
        departing += 1
        whenClosed(child) { $0.departing -= 1 }
        child.close(promise: nil)
        turnValve()
    }

    private func whenClosed(_ child: any Channel, _ count: @escaping (AcceptGate) -> Void) {
        let bound = NIOLoopBound((gate: self, count: count), eventLoop: eventLoop)
        child.closeFuture.hop(to: eventLoop).whenComplete { _ in
            bound.value.count(bound.value.gate)
            bound.value.gate.released()
        }
    }

    private func released() {
        spare.restore(if: settings.keepsSpare)
        endPause()
        seat()
        if open < settings.maximum { idle.forget() }
    }

    var needsRoom: Bool { !newcomers.isEmpty && open >= settings.maximum }

    // MARK: The valve

    private func turnValve() {
        let wanted = !isStopping && newcomers.isEmpty && departing < Self.burst && pausing == nil
        guard let context, wanted != isReading else { return }
        isReading = wanted
        if wanted { tuneAllowance() }
        try? context.channel.syncOptions?.setOption(ChannelOptions.autoRead, value: wanted)
    }

    /// How many one readiness event may bring, so that it does not overshoot.
    private func tuneAllowance() {
        let wanted = max(1, min(Self.burst, settings.maximum - open))
        guard wanted != allowance, let context else { return }
        allowance = wanted
        try? context.channel.syncOptions?.setOption(ChannelOptions.maxMessagesPerRead, value: UInt(wanted))
    }

    // MARK: Shortage

    private func ranShort(_ error: any Error) {
        if spare.giveUp() { return }
        if shortage.failed(at: .now()) {
            logger.error(
                "cannot accept connections: accepting pauses until there are descriptors and memory again",
                metadata: ["error": "\(error)", "open": "\(open)", "hint": "raise LimitNOFILE (systemd) or ulimit -n"]
            )
        }
        watchShortage()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        pausing = eventLoop.scheduleTask(in: Self.pause) {
            bound.value.pausing = nil
            bound.value.seat()
        }
        turnValve()
        makeRoom()
    }

    private func endPause() {
        pausing?.cancel()
        pausing = nil
    }

    private func watchShortage() {
        guard !isWatchingShortage, let remaining = shortage.remaining(at: .now()) else { return }
        isWatchingShortage = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: remaining) { bound.value.lookAtShortage() }
    }

    private func lookAtShortage() {
        isWatchingShortage = false
        watchShortage()
        if !isWatchingShortage { logger.notice("connections are accepted again", metadata: ["open": "\(open)"]) }
    }
}
