package import RelayCore

/// Whether a relay can do anything with what a subscription delivers, asked before the first delivery is refused.
package struct SubscriptionExamination: Sendable {
    package enum Fault: Sendable, Equatable {
        /// It signs with none of the relay's secrets: everything is answered 401, and Argyle does not send that again.
        case foreignSecret
        /// It signs with nothing, and the relay wants signatures.
        case unsigned
        /// None of its events is accepted: everything is answered 200 and ignored.
        case nothingAccepted
    }

    private let secrets: [[UInt8]]
    private let required: Bool
    private let filter: EventFilter

    package init(secrets: [[UInt8]], required: Bool, filter: EventFilter) {
        self.secrets = secrets
        self.required = required
        self.filter = filter
    }

    package func faults(of subscription: WebhookSubscription) -> [Fault] {
        (signatureFault(of: subscription.signing).map { [$0] } ?? []) + (delivers(subscription.events) ? [] : [.nothingAccepted])
    }

    /// Whether its deliveries would be taken for genuine; an API that does not say with what it signs is given the benefit of the doubt.
    package func trusts(_ subscription: WebhookSubscription) -> Bool { signatureFault(of: subscription.signing) == nil }

    private func signatureFault(of signing: SigningSecret) -> Fault? {
        if signing.isUntold { return nil }
        // A signature that is there must match, even where none is required.
        if signing.isNothing { return required ? .unsigned : nil }
        return signing.position(among: secrets) == nil ? .foreignSecret : nil
    }

    /// `*` is every event there is, of which some filter accepts at least one.
    private func delivers(_ events: [String]) -> Bool {
        events.contains { event in event == "*" || EventName(event).map(filter.accepts) ?? false }
    }
}
