import NIOCore

/// Puts TLS between a socket and an HTTP handler: plaintext above, ciphertext below.
/// Nothing is handed up before the handshake is complete or after the session failed, and writes wait for the handshake.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case handshaking, established, failed
    }

    private let session: TLSSession
    private var phase = Phase.handshaking
    private var isInputClosed = false
    private var isOutputClosed = false
    private var isReadWithheld = false
    private var hasBegun = false
    private var waiting: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []

    init(session: TLSSession) {
        self.session = session
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What follows the peer's closing alert would only pile up: OpenSSL reads no further.
        guard phase != .failed, !isInputClosed else { return }
        var ciphertext = unwrapInboundIn(data)
        if !hasBegun {
            hasBegun = true
            context.fireUserInboundEventTriggered(TLSBegun())
        }
        guarded(context) { () throws(TLSError) in
            while let piece = ciphertext.readSlice(length: min(ciphertext.readableBytes, TLSSession.piece)), piece.readableBytes > 0 {
                try session.receive(piece)
                if phase == .handshaking { try shakeHands(context) }
                if phase == .established { try deliver(context) }
            }
        }
    }

    /// A server takes nothing in while its peer takes nothing out: TLS itself answers some of what arrives (RFC 8446 4.6.3), and without this
    /// a peer that reads none of it would have it pile up here.
    func read(context: ChannelHandlerContext) {
        if !context.channel.isWritable {
            isReadWithheld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        guard isReadWithheld, context.channel.isWritable else { return }
        isReadWithheld = false
        context.read()
    }

    private func shakeHands(_ context: ChannelHandlerContext) throws(TLSError) {
        let isDone = try session.handshake()
        sendPending(context)
        guard isDone else { return }
        phase = .established
        session.releaseHandshakeMemory()
        context.fireUserInboundEventTriggered(TLSEstablished())
        let waiting = waiting
        self.waiting = []
        for write in waiting { self.write(context: context, data: NIOAny(write.bytes), promise: write.promise) }
        if !waiting.isEmpty { context.flush() }
    }

    private func deliver(_ context: ChannelHandlerContext) throws(TLSError) {
        var outcome = TLSSession.ReadOutcome.filled
        while case .filled = outcome, phase == .established {
            var plaintext = context.channel.allocator.buffer(capacity: TLSSession.piece)
            do throws(TLSError) {
                outcome = try session.read(into: &plaintext)
            } catch {
                // What came whole before the fault is still the peer's.
                if plaintext.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plaintext)) }
                throw error
            }
            // Reading can cause writing: key updates (RFC 8446 4.6.3).
            sendPending(context)
            if plaintext.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plaintext)) }
        }
        if case .closed = outcome { closeInput(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        if phase == .handshaking {
            fail(context, .handshakeFailed(reason: "the peer closed the connection during the handshake"))
        }
        closeInput(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .handshaking {
            fail(context, .handshakeFailed(reason: "the peer closed the connection during the handshake"))
        }
        dropWaiting(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let plaintext = unwrapOutboundIn(data)
        switch phase {
        case .handshaking:
            waiting.append((plaintext, promise))
        case .failed:
            promise?.fail(ChannelError.ioOnClosedChannel)
        case .established:
            do throws(TLSError) {
                context.write(wrapOutboundOut(try session.encrypt(plaintext, context.channel.allocator)), promise: promise)
            } catch {
                promise?.fail(error)
                fail(context, error)
            }
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard phase == .established, !isOutputClosed, mode != .input else { return context.close(mode: mode, promise: promise) }
        isOutputClosed = true
        session.closeOutput()
        let alert = session.takeCiphertext(context.channel.allocator) ?? ByteBuffer()
        guard mode == .output else {
            context.writeAndFlush(wrapOutboundOut(alert), promise: nil)
            return context.close(mode: mode, promise: promise)
        }
        // Closing the socket's sending side drops what is not written yet.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in bound.value.close(mode: .output, promise: promise) }
        context.writeAndFlush(wrapOutboundOut(alert), promise: sent)
    }

    private func closeInput(_ context: ChannelHandlerContext) {
        guard !isInputClosed else { return }
        isInputClosed = true
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    private func sendPending(_ context: ChannelHandlerContext) {
        guard let ciphertext = session.takeCiphertext(context.channel.allocator) else { return }
        context.writeAndFlush(wrapOutboundOut(ciphertext), promise: nil)
    }

    private func guarded(_ context: ChannelHandlerContext, _ body: () throws(TLSError) -> Void) {
        do throws(TLSError) { try body() } catch { fail(context, error) }
    }

    /// Ends the session; the peer is sent OpenSSL's alert, the handler above decides on the connection.
    private func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
        guard phase != .failed else { return }
        phase = .failed
        sendPending(context)
        dropWaiting(error)
        context.fireErrorCaught(error)
    }

    private func dropWaiting(_ error: any Error) {
        let waiting = waiting
        self.waiting = []
        for write in waiting { write.promise?.fail(error) }
    }
}
