import NIOCore

/// A client's connection on its event loop: sends one request, reads its response, then asks the pool for the next.
/// It is offered for reuse only after a response that was whole and left nothing behind.
final class HTTPClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Running {
        var exchange: Exchange
        var reader: HTTPResponseReader
        var hasBytes = false
    }

    private let pool: ConnectionPool
    private let maxBody: Int
    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var running: Running?
    private var hasServed = false
    private var isInputClosed = false
    private var earlyFault: TLSError?

    init(pool: ConnectionPool, maxBody: Int) {
        self.pool = pool
        self.maxBody = maxBody
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop, granularity: .seconds(1)) { [weak self] in self?.deadlinePassed() }
    }

    /// Begins `exchange`; the connection must be idle.
    func start(_ exchange: Exchange) {
        exchange.endWaiting()
        guard let context, context.channel.isActive, !isInputClosed else {
            // Nothing of the request went out; but a new connection that is dead already would be so again.
            if hasServed { pool.submit(exchange) } else { exchange.end(.failure(earlyFault.map { .tls($0) } ?? .connectionClosed)) }
            return
        }
        running = Running(exchange: exchange, reader: HTTPResponseReader(isHeadRequest: exchange.isHeadRequest, maxBody: maxBody))
        timer?.set(at: exchange.deadline)
        context.writeAndFlush(wrapOutboundOut(exchange.request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard running != nil else {
            // An idle server has nothing to say (RFC 9112 9.2).
            return close()
        }
        running?.hasBytes = true
        do throws(HTTPFault) {
            guard let outcome = try running?.reader.read(&bytes) else { return }
            finish(outcome)
        } catch {
            fail(error.asClientError)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        isInputClosed = true
        ended()
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        timer?.cancel()
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError {
            earlyFault = error
            fail(.tls(error))
        }
        ended()
        close()
    }

    private func finish(_ outcome: HTTPResponseReader.Outcome) {
        guard let exchange = running?.exchange else { return }
        running = nil
        hasServed = true
        timer?.clear()
        // Handed back before the caller hears of it, so that its next request finds the connection.
        if outcome.keepsAlive {
            if let context { pool.release(PooledConnection(self, channel: context.channel), origin: exchange.origin) }
        } else {
            close()
        }
        exchange.end(.success(outcome.response))
    }

    /// The server is gone: that may be how the response ends, or the connection was dead before the request went out on it.
    private func ended() {
        guard let current = running else { return }
        if let outcome = current.reader.end() {
            finish(outcome)
        } else if hasServed, !current.hasBytes, current.exchange.isRepeatable {
            running = nil
            pool.submit(current.exchange)
        } else {
            fail(.connectionClosed)
        }
    }

    private func deadlinePassed() {
        guard let exchange = running?.exchange else { return }
        fail(.timeout(exchange.timeout))
    }

    private func fail(_ error: HTTPClientError) {
        let exchange = running?.exchange
        running = nil
        close()
        exchange?.end(.failure(error))
    }

    private func close() {
        context?.close(promise: nil)
    }
}

extension HTTPFault {
    /// The reader's faults in a client's words.
    fileprivate var asClientError: HTTPClientError {
        switch self {
        case .bodyTooLarge(let limit): .responseTooLarge(limit: limit)
        case .headersTooLarge(let limit):
            .malformedResponse(reason: "its header block is larger than \(limit) bytes or has too many fields")
        case .malformed(let reason): .malformedResponse(reason: reason)
        case .requestTimeout: .connectionClosed
        }
    }
}
