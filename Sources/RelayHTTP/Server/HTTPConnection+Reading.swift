import NIOCore

extension HTTPConnection {
    /// Goes as far through the bytes at hand as it can: to the next answer, or to where more must arrive.
    func advance() {
        readOn()
        switch phase {
        case .waiting where isInputClosed: closeOnceFlushed()
        case .readingHead where isInputClosed, .readingBody where isInputClosed: close()
        default: resumeReading()
        }
    }

    private func readOn() {
        do throws(HTTPFault) {
            while true {
                switch phase {
                case .waiting:
                    guard reader.holdsRequest() else { return }
                    phase = .readingHead
                    // The first request's deadline has run since the accept.
                    if !isFirstRequest || lingersUntil != nil { timer?.set(after: settings.requestTimeout.amount) }
                    isFirstRequest = false
                case .readingHead:
                    guard let head = try reader.readHead(peer: peer) else { return }
                    try admit(head)
                case .readingBody(let head):
                    do throws(HTTPFault) {
                        guard let body = try reader.readBody() else { return }
                        respond(to: head, body: body)
                    } catch {
                        return refuse(error, head: head)
                    }
                case .answering, .flushing, .draining, .closed:
                    return
                }
            }
        } catch {
            refuse(error, head: nil)
        }
    }

    /// Asks the route about a head, and gets its body under way.
    private func admit(_ head: HTTPRequestHead) throws(HTTPFault) {
        switch settings.route.admit(head) {
        case .answer(let response) where response.status >= 400:
            turnAway(response, head: head)
        case .answer(let response):
            write(response, for: head, drains: head.announcesBody)
        case .read(let maxBody):
            do throws(HTTPFault) {
                try reader.beginBody(of: head, limit: maxBody)
            } catch {
                return refuse(error, head: head)
            }
            phase = .readingBody(head)
            if head.expectsContinue, head.announcesBody, reader.unreadBytes == 0 { writeContinue() }
        }
    }

    func wait() {
        waitingSince = .now()
        phase = .waiting
        timer?.set(at: lingersUntil ?? waitingSince + settings.idleTimeout.amount, now: waitingSince)
    }

    /// Takes up the reading that was withheld while enough was waiting here.
    func resumeReading() {
        guard isReadWithheld, !holdsEnough else { return }
        isReadWithheld = false
        context?.read()
    }

    /// The client sends nothing more; it may still wait for answers (RFC 9112 9.6).
    func inputClosed() {
        isInputClosed = true
        switch phase {
        case .waiting: closeOnceFlushed()
        case .readingHead, .readingBody, .draining: close()
        case .answering, .flushing, .closed: break
        }
    }

    func deadlinePassed() {
        switch phase {
        case .readingHead: refuse(.requestTimeout, head: nil, as: .slow)
        case .readingBody(let head): refuse(.requestTimeout, head: head, as: .slow)
        case .waiting where lingersUntil != nil:
            closeOnceFlushed()
        case .waiting:
            // Before the first request, silence has a name of its own.
            if !isFirstRequest { end = .idle }
            close()
        case .flushing:
            end = .slow
            close()
        case .draining: close()
        case .answering, .closed: break
        }
    }
}
