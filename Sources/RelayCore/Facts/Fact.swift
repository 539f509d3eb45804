/// What a delivery says, with the identity that every other delivery of the same fact has too.
package struct Fact: Sendable {
    package let id: EventID
    package let content: Content
    /// Of a user's set; nil for all else.
    package let particulars: Particulars?
    /// The revision of its user that it was found against at Argyle's API: it is news only while that is the user's last. Nil for what was delivered.
    package let foundAfter: Int64?

    /// Behind one reference: a fact passes through several queues, and copying an event would retain a dozen of them each time.
    package indirect enum Content: Sendable {
        case event(ArgyleEvent)
        /// Genuine but not readable: a fact about its bytes alone.
        case unreadable(Unreadable, VerifiedDelivery)
    }

    /// Section 4 of the contract tells what counts as the same fact, section 5 how its id is named.
    package init(recognising event: ArgyleEvent) { self.init(recognising: event, foundAfter: nil) }

    init(recognising event: ArgyleEvent, foundAfter revision: Int64?) {
        id = EventID(naming: Self.name(of: event))
        content = .event(event)
        particulars = if case .userSync(let sync) = event.content { Particulars(sync) } else { nil }
        foundAfter = revision
    }

    package init(unreadable: Unreadable, in delivery: VerifiedDelivery) {
        id = EventID(naming: Array("unreadable".utf8) + Self.bodyDigest(delivery.body))
        content = .unreadable(unreadable, delivery)
        particulars = nil
        foundAfter = nil
    }

    /// Whether it says enough to tell it from the next one of its kind. `identities.updated` and its like carry ids alone, so that each one's
    /// bytes are those of the one before: there, only time tells a retry from news.
    package var hasIdentity: Bool {
        if case .event(let event) = content, case .other = event.content { false } else { true }
    }

    /// Whether there may be another fact with its name: of an event without an identity of its own, and of a user's set.
    package var canComeAgain: Bool { !hasIdentity || particulars != nil }

    /// The id of the `number`-th fact with the same name, which counts from 1: that of the first is ``id``.
    package func id(again number: Int64) -> EventID {
        guard number > 1, case .event(let event) = content else { return id }
        return EventID(naming: Self.name(of: event) + Array("|again:\(number)".utf8))
    }

    /// Whether a delivery said it; otherwise it was found at Argyle's API.
    package var isDelivered: Bool { foundAfter == nil }

    package var receivedAt: Timestamp {
        switch content {
        case .event(let event): event.receivedAt
        case .unreadable(_, let delivery): delivery.receivedAt
        }
    }

    /// Which secret signed the delivery, from 0.
    package var secret: Int? {
        switch content {
        case .event(let event): event.secret
        case .unreadable(_, let delivery): delivery.secret
        }
    }

    private static func name(of event: ArgyleEvent) -> [UInt8] {
        var name = Array(event.name.text.utf8)
        func append(_ part: String) {
            name.append(0x7C)
            name.append(contentsOf: part.utf8)
        }
        switch event.content {
        case .userSync(let sync):
            append(sync.user.text)
            append(sync.connected.kind == .items ? "items:" + sync.connected.joined : sync.connected.joined)
        case .accountSync(let sync):
            append(sync.user.text)
            append(sync.account.text)
            append(sync.availableFrom?.text ?? "")
            append(sync.availableTo?.text ?? "")
            append(sync.availableCount?.text ?? "")
        case .other:
            name += bodyDigest(event.body)
        }
        return name
    }

    private static func bodyDigest(_ body: [UInt8]) -> [UInt8] {
        Array("|sha256:".utf8) + Array(Hexadecimal.encode(Digest.sha256(body)).utf8)
    }
}
