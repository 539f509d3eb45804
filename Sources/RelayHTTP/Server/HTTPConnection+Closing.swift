import NIOCore

extension HTTPConnection {
    /// Closes in a way that lets the client read its answer: closing a socket with unread input sends a reset that can overtake the response,
    /// so the sending side is closed first and a bounded amount of input thrown away (RFC 9112 9.6).
    func closeAfterLastResponse(drains: Bool) {
        guard case .flushing = phase else { return }
        if drains || reader.unreadBytes > 0 { drain() } else { close() }
    }

    /// Closes the sending side, and the connection once the client closes its own, or sent too much or took too long.
    func drain() {
        guard !isInputClosed, let context else { return close() }
        reader.discard()
        phase = .draining(remaining: Self.maxDrained)
        waitingSince = .now()
        timer?.set(after: Self.drainTime)
        context.close(mode: .output, promise: nil)
        resumeReading()
    }

    /// The listener stops: a busy connection closes after the response it is waiting for, an idle one when it has lingered. Closed at once, it
    /// would take along a request that crosses the close, and its sender could not know whether it was read (RFC 9112 9.6).
    func quiesce(_ event: Quiesce) {
        let end = isFirstRequest && event.lingering > .zero ? waitingSince + Self.arrivalTime : .now() + event.lingering
        lingersUntil = end
        if case .waiting = phase { linger(until: end) }
    }

    func linger(until end: NIODeadline) {
        if end <= .now() { closeOnceFlushed() } else { timer?.set(at: end) }
    }

    /// Closes a connection that owes nothing, but whose last response may still be on its way out.
    func closeOnceFlushed() {
        guard isSecured else { return close() }
        writeLast(ByteBuffer(), drains: false)
    }

    func close() {
        guard let context else { return }
        finish()
        context.close(promise: nil)
    }

    /// The connection is gone, or as good as gone; a response that comes later is dropped.
    func finish() {
        if case .closed = phase { return }
        phase = .closed
        settings.route.closed(end ?? endByHistory)
        timer?.cancel()
        timer = nil
        reader.discard()
        context = nil
    }

    private var endByHistory: HTTPConnectionEnd {
        if !isFirstRequest { return .done }
        return isSecured || !hasTLSBegun ? .silent : .handshake
    }
}
