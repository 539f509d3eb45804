import Logging
import NIOCore

/// One client's connection, from its first byte to its close: read a head, ask the route, read the body, answer, again.
/// It answers in the order of arrival, holds at most one request and 64 KiB beyond it, however its bytes are cut, and keeps every phase under a deadline but the route's own work.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What does not change between the connections of one listener.
    struct Settings: Sendable {
        var route: any HTTPRoute
        var limits: HTTPLimits
        var requestTimeout: AdjustableDuration
        var idleTimeout: AdjustableDuration
        var isTLS: Bool
        var logger: Logger
    }

    enum Phase {
        /// Nothing of a request has arrived since the last answer.
        case waiting
        case readingHead
        case readingBody(HTTPRequestHead)
        /// The route is at work; no deadline, for its work may be durable already.
        case answering(HTTPRequestHead)
        /// A response waits for its reader.
        case flushing
        /// The last response is out; what the client still sends is thrown away (RFC 9112 9.6).
        case draining(remaining: Int)
        case closed
    }

    /// Raw bytes of pipelined requests that are taken in while one is answered. One read of the socket, and under TLS one record that it completes,
    /// can come on top: together well below the 64 KiB that a connection may hold beyond its request.
    static let maxUnread = 16 << 10
    /// Reads of the socket, once for each time that more is asked for. The channel keeps a buffer of the largest one so far.
    static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 16 << 10)
    /// How long an answer may wait for its reader at most, however long a kept connection may be silent.
    static let flushTime = TimeAmount.seconds(75)
    /// How much of an unread body, and for how long, is thrown away so that the client reads its answer rather than a reset.
    static let maxDrained = 4 << 20
    static let drainTime = TimeAmount.seconds(2)
    /// Whoever connected to a listener that stops has this long, from the accept, to begin the request that it connected for.
    static let arrivalTime = TimeAmount.seconds(1)

    let settings: Settings
    let peer: PeerAddress
    let executor: EventLoopTaskExecutor
    var context: ChannelHandlerContext?
    var timer: DeadlineTimer?
    var phase = Phase.waiting { didSet { place?.set(idleSince: idleSince) } }
    /// Where the listener sees whether this is idle.
    var place: Place? { didSet { place?.set(idleSince: idleSince) } }
    var reader: HTTPRequestReader
    var date = HTTPDate()
    var isReadWithheld = false
    var isInputClosed = false
    /// Set when the listener stops: the next response is the last one, and this is how long its request is waited for.
    var lingersUntil: NIODeadline?
    /// Set with the response after which the connection closes.
    var isLastWritten = false
    var isSecured: Bool
    /// Whether a handshake has begun.
    var hasTLSBegun = false
    /// Why the connection is being closed; `nil` while nothing but its history says so.
    var end: HTTPConnectionEnd?
    /// Until the first request: its deadline runs from the accept.
    var isFirstRequest = true
    /// When the last answer was given or, before any, when the connection was accepted.
    var waitingSince = NIODeadline.now() { didSet { place?.set(idleSince: idleSince) } }

    init(settings: Settings, peer: PeerAddress, eventLoop: any EventLoop) {
        self.settings = settings
        self.peer = peer
        executor = EventLoopTaskExecutor(eventLoop)
        reader = HTTPRequestReader(limits: settings.limits)
        isSecured = !settings.isTLS
    }

    /// Since when nothing of a request has come, or the last answer is out; `nil` while a request is under way or its answer waits for its reader.
    /// Empty lines do not move it.
    var idleSince: NIODeadline? {
        switch phase {
        case .waiting, .draining: waitingSince
        case .readingHead, .readingBody, .answering, .flushing, .closed: nil
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(
            eventLoop: context.eventLoop,
            granularity: min(settings.requestTimeout.amount, settings.idleTimeout.amount, Self.drainTime),
            expired: { [weak self] in self?.deadlinePassed() }
        )
        timer?.set(after: settings.requestTimeout.amount)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch phase {
        case .closed:
            break
        case .draining(let remaining):
            phase = .draining(remaining: remaining - bytes.readableBytes)
            if remaining < bytes.readableBytes { close() }
        case .answering, .flushing:
            reader.append(&bytes)
        case .waiting, .readingHead, .readingBody:
            reader.append(&bytes)
            advance()
        }
    }

    /// Called by the channel whenever it would read on: not taken up while enough is waiting here.
    func read(context: ChannelHandlerContext) {
        if holdsEnough {
            isReadWithheld = true
        } else {
            context.read()
        }
    }

    /// Whether what is waiting behind the request at hand is all that will be taken in for now.
    var holdsEnough: Bool {
        switch phase {
        case .answering, .flushing: reader.unreadBytes >= Self.maxUnread
        case .waiting, .readingHead, .readingBody, .draining, .closed: false
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, case .flushing = phase, !isLastWritten {
            wait()
            advance()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is TLSBegun:
            hasTLSBegun = true
        case is TLSEstablished:
            isSecured = true
        case ChannelEvent.inputClosed:
            inputClosed()
        case let event as Quiesce:
            quiesce(event)
        case let request as GiveWay:
            guard idleSince == request.idleSince else { break }
            end = .gaveWay
            close()
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        settings.logger.debug("connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        if !isFirstRequest { end = .failed }
        if error is TLSError { drain() } else { close() }
    }
}

/// Fired through the pipelines of a listener that stops.
struct Quiesce: Sendable {
    let lingering: TimeAmount
}

/// Fired through a pipeline by its TLS handler when the peer's first bytes have come.
struct TLSBegun: Sendable {}

/// Fired through a pipeline by its TLS handler when the handshake is done.
struct TLSEstablished: Sendable {}
