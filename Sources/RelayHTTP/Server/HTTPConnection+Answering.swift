import Logging
import NIOCore

extension HTTPConnection {
    /// Sets the route to work, in a task on this connection's own event loop.
    /// The task is unstructured because a channel handler has no task to be a child of; it ends by `complete`, whatever became of the connection.
    func respond(to head: HTTPRequestHead, body: [UInt8]) {
        guard let eventLoop = context?.eventLoop else { return }
        phase = .answering(head)
        timer?.clear()
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        let route = settings.route
        Task(executorPreference: executor) {
            let response = await route.respond(to: head, body: body)
            if eventLoop.inEventLoop {
                connection.value.complete(response)
            } else {
                eventLoop.execute { connection.value.complete(response) }
            }
        }
    }

    /// Takes the route's answer; the client may have left meanwhile.
    private func complete(_ response: HTTPServerResponse) {
        guard case .answering(let head) = phase else { return }
        write(response, for: head, drains: false)
        if case .waiting = phase { advance() }
    }

    /// Ends the connection with the route's words for `fault`.
    func refuse(_ fault: HTTPFault, head: HTTPRequestHead?, as end: HTTPConnectionEnd = .refused) {
        settings.logger.debug("request refused", metadata: ["peer": "\(peer)", "status": "\(fault.status)"])
        turnAway(settings.route.failure(fault, head: head), head: head, as: end)
    }

    /// Answers, and closes: who was turned away for address, path, method or form keeps no place here.
    /// What that sender has sent meanwhile is thrown away rather than have its reset overtake the answer.
    func turnAway(_ response: HTTPServerResponse, head: HTTPRequestHead?, as end: HTTPConnectionEnd = .refused) {
        self.end = end
        write(response, for: head, drains: true)
    }

    /// Sends a response in one write; afterwards the phase is `waiting`, `flushing` or on the way to the close. With `drains` it is the last one, and
    /// the client is taken to be sending still.
    func write(_ response: HTTPServerResponse, for head: HTTPRequestHead?, drains: Bool) {
        guard let context else { return }
        let closes = response.closes || drains || lingersUntil != nil || !(head?.keepsAlive ?? false)
        let bytes = response.encoded(
            framing: .init(closes: closes, isVersion10: head?.isVersion10 ?? false, omitsBody: head?.method == "HEAD"),
            date: date.current(),
            allocator: context.channel.allocator
        )
        guard closes else {
            // Before the write, which can close the connection while it runs.
            wait()
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            if !context.channel.isWritable, case .waiting = phase { flush() }
            return
        }
        writeLast(bytes, drains: drains)
    }

    /// Waits for the reader of what was written.
    private func flush() {
        phase = .flushing
        timer?.set(after: min(settings.idleTimeout.amount, Self.flushTime))
    }

    /// Writes and then closes; to be the last of the connection.
    func writeLast(_ bytes: ByteBuffer, drains: Bool) {
        guard let context else { return }
        flush()
        isLastWritten = true
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in connection.value.closeAfterLastResponse(drains: drains) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    }

    func writeContinue() {
        guard let context else { return }
        var bytes = context.channel.allocator.buffer(capacity: 32)
        bytes.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}
