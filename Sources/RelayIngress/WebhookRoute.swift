package import Logging
package import RelayCore
package import RelayHTTP
package import RelayMetrics
package import RelayOutbox
import Synchronization

/// The one route that takes deliveries: receive, verify, decode, recognise, append, and only then answer.
///
/// Nothing but a ``Rejection`` or a receipt leaves it; of an unverified body it keeps nothing but the length, and lends it to the diagnoser at most.
package final class WebhookRoute: HTTPRoute {
    /// Without a slash at its end.
    let path: String
    let outbox: any OutboxStore
    let meters: DeliveryMeters
    let time: TimeSource
    let logger: Logger
    /// Looks into refused signatures; nil looks into none.
    let diagnoser: SignatureDiagnoser?
    let policy: Mutex<IngressPolicy>
    /// Milliseconds; the least number before the first.
    private let verifiedAt = Atomic<Int64>(.min)
    private let retryAdvice = Mutex(RetryAdvice())
    private let throttle = Mutex(LogThrottle(perSecond: 10))
    private static let longestShownPath = 128

    package init(
        path: String,
        policy: IngressPolicy,
        outbox: any OutboxStore,
        meters: DeliveryMeters,
        time: TimeSource,
        logger: Logger,
        diagnoser: SignatureDiagnoser? = nil
    ) {
        self.path = String(Self.withoutSlash(path))
        self.policy = Mutex(policy)
        self.outbox = outbox
        self.meters = meters
        self.time = time
        self.logger = logger
        self.diagnoser = diagnoser
    }

    /// Takes a new policy, whole; requests that are being answered keep the one they began with.
    ///
    /// Of secrets that are gone nothing is shown any more: their counters would look like secrets that nobody uses.
    package func adopt(_ policy: IngressPolicy) {
        self.policy.withLock { $0 = policy }
        let count = policy.verifier.secretCount
        meters.secretMatches.forget { position in Int(position).map { $0 > count } ?? false }
    }

    /// When the last genuine delivery came, whatever became of it; nil where none has yet.
    package var lastVerified: Timestamp? {
        let milliseconds = verifiedAt.load(ordering: .relaxed)
        return milliseconds == .min ? nil : Timestamp(milliseconds: milliseconds)
    }

    package func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        let policy = policy.withLock { $0 }
        guard policy.access.admits(head) else { return .answer(reject(.addressNotAllowed, head: head)) }
        guard Self.withoutSlash(head.path) == path else { return .answer(reject(.notFound, head: head)) }
        guard head.method == "POST" else { return .answer(reject(.methodNotAllowed, head: head)) }
        return .read(maxBody: policy.maxBody)
    }

    /// `/a` and `/a/` are one route.
    private static func withoutSlash(_ path: String) -> Substring { path.hasSuffix("/") ? path.dropLast() : path[...] }

    package func closed(_ end: HTTPConnectionEnd) { meters.connectionsClosed[end.rawValue].add() }

    package func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        let started = time.uptime()
        defer { meters.duration.record(time.uptime() - started) }
        do throws(Rejection) {
            let delivery = Delivery(body: body, signature: try signature(in: head), receivedAt: time.now())
            let receipt = try await accept(delivery)
            meters.deliveries[receipt.outcome].add()
            if case .accepted = receipt { retryAdvice.withLock { $0.succeeded() } }
            log(receipt, length: body.count)
            return HTTPServerResponse(receipt)
        } catch {
            return reject(error, head: head, length: body.count)
        }
    }

    /// The first half-hallway, for one delivery.
    func accept(_ delivery: Delivery) async throws(Rejection) -> DeliveryReceipt {
        let policy = policy.withLock { $0 }
        let verified = try verify(delivery, by: policy.verifier)
        verifiedAt.store(verified.receivedAt.milliseconds, ordering: .relaxed)
        meters.secretMatches[verified.secret.map { String($0 + 1) } ?? "none"].add()
        guard let fact = Fact(reading: verified, filter: policy.filter) else { return .ignored }
        return try await store(fact)
    }

    private func verify(_ delivery: Delivery, by verifier: SignatureVerifier) throws(Rejection) -> VerifiedDelivery {
        do throws(Rejection) { return try verifier.verify(delivery) } catch {
            if delivery.signature != nil { diagnoser?.offer(delivery, refusedBy: verifier) }
            throw error
        }
    }

    private func store(_ fact: Fact) async throws(Rejection) -> DeliveryReceipt {
        do throws(OutboxError) { return DeliveryReceipt(try await outbox.append(fact)) } catch {
            switch error {
            case .full: throw .outboxFull
            case .diskLow: throw .diskLow
            case .slow: throw .storeSlow
            case .closed: throw .stopping
            default:
                let isLogged = throttle.withLock { $0.allows(at: time.uptime()) }
                if isLogged { logger.error("the store failed; the sender is asked to try again", metadata: ["error": "\(error)"]) }
                throw .storeFailed
            }
        }
    }

    package func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse {
        switch fault {
        case .bodyTooLarge: reject(.bodyTooLarge, head: head)
        case .requestTimeout: reject(.requestTimeout, head: head)
        case .malformed: reject(.malformedRequest, head: head)
        case .headersTooLarge: reject(.headersTooLarge, head: head)
        case .unsupportedTransferEncoding: reject(.transferEncodingUnsupported, head: head)
        case .unsupportedVersion: reject(.versionUnsupported, head: head)
        }
    }

    /// Two signatures would let a reader between us and the sender believe the other one.
    private func signature(in head: HTTPRequestHead) throws(Rejection) -> String? {
        guard head.headers.occurrences(of: signatureHeader) <= 1 else { throw .signatureMalformed }
        return head.headers.first(name: signatureHeader)
    }

    private func reject(_ rejection: Rejection, head: HTTPRequestHead?, length: Int? = nil) -> HTTPServerResponse {
        meters.deliveries[rejection.code].add()
        let uptime = time.uptime()
        let retryAfter = rejection.isTemporary ? retryAdvice.withLock { $0.failed(at: uptime) } : nil
        logRefusal("delivery rejected", rejection, at: uptime) { metadata in
            if let head {
                metadata["peer"] = "\(head.peer)"
                metadata["path"] = "\(Self.shown(head.path))"
            }
            if let length = length ?? head?.contentLength { metadata["length"] = "\(length)" }
        }
        return HTTPServerResponse(rejection, retryAfter: retryAfter)
    }

    /// Writes a refusal's line, or counts it for the next one where strangers have caused enough of them.
    /// - Parameter describe: adds what is known of the sender; not called for a line that is not written.
    func logRefusal(
        _ message: Logger.Message,
        _ rejection: Rejection,
        at uptime: Duration,
        _ describe: (inout Logger.Metadata) -> Void
    ) {
        let (isLogged, dropped) = throttle.withLock { throttle in
            let isLogged = throttle.allows(at: uptime)
            return (isLogged, isLogged ? throttle.takeDropped() : 0)
        }
        guard isLogged else { return }
        var metadata: Logger.Metadata = ["code": "\(rejection.code)"]
        describe(&metadata)
        if dropped > 0 { metadata["not_logged"] = "\(dropped)" }
        logger.warning(message, metadata: metadata)
    }

    /// A path for the log: a head's path is visible ASCII without the query, so only its length is a stranger's choice.
    private static func shown(_ path: String) -> String {
        path.utf8.count <= longestShownPath ? path : "\(path.prefix(longestShownPath))…"
    }

    private func log(_ receipt: DeliveryReceipt, length: Int) {
        switch receipt {
        case .quarantined(let id, let code):
            logger.warning(
                "genuine but not readable: kept for the dead-letter topic",
                metadata: ["id": "\(id)", "code": "\(code.rawValue)", "length": "\(length)"]
            )
        default:
            logger.debug("delivery answered", metadata: ["outcome": "\(receipt.outcome)", "length": "\(length)"])
        }
    }
}

extension Fact {
    /// Nil for an event that is not to be accepted.
    fileprivate init?(reading delivery: VerifiedDelivery, filter: EventFilter) {
        do throws(Unreadable) {
            let event = try EventDecoder().decode(delivery)
            guard filter.accepts(event.name) else { return nil }
            self.init(recognising: event)
        } catch {
            self.init(unreadable: error, in: delivery)
        }
    }
}
