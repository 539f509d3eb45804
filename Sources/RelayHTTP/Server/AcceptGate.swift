import Logging
import NIOCore

/// Holds the number of open connections at its maximum by not accepting any further: they wait in the kernel's backlog.
/// It withholds `read` from the listening socket rather than close what was accepted, so that nobody sees a reset. It also pauses
/// for a moment when the process is out of descriptors, where accepting at once again would only spin.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    /// Accepts per readiness event; also how far one event could overshoot, were it not lowered near the maximum.
    private static let burst = 16

    private let maximum: Int
    private let logger: Logger
    private var open = 0
    private var isWithheld = false
    private var isPaused = false
    private var allowance = 0

    init(maximum: Int, logger: Logger) {
        self.maximum = max(1, maximum)
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let child = unwrapInboundIn(data)
        open += 1
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        child.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            bound.value.gate.released(bound.value.context)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard open < maximum, !isPaused else {
            isWithheld = true
            return
        }
        let wanted = min(Self.burst, maximum - open)
        if wanted != allowance {
            allowance = wanted
            try? context.channel.syncOptions?.setOption(ChannelOptions.maxMessagesPerRead, value: UInt(wanted))
        }
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.warning("cannot accept connections", metadata: ["error": "\(error)"])
        isPaused = true
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(250)) {
            bound.value.gate.isPaused = false
            bound.value.gate.resume(bound.value.context)
        }
    }

    private func released(_ context: ChannelHandlerContext) {
        open -= 1
        resume(context)
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isWithheld, open < maximum, !isPaused else { return }
        isWithheld = false
        if context.channel.isActive { read(context: context) }
    }
}
