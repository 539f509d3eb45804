import ArgyleAPI
import FoundationEssentials
import RelayConfiguration
import RelayCore

/// How subscriptions are shown; with what they sign never is.
enum SubscriptionText {
    static func line(_ subscription: WebhookSubscription) -> String {
        let config = subscription.config.isNone ? "" : "  \(subscription.config)"
        return "\(subscription.id)  \(subscription.name)  \(subscription.url)  \(subscription.events.joined(separator: ","))\(config)"
            .onOneLine
    }

    static func json(_ subscriptions: [WebhookSubscription]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(subscriptions), as: UTF8.self)
    }
}

/// What is wrong with subscriptions as this configuration would take their deliveries, in words.
struct SubscriptionFaults {
    private let examination: SubscriptionExamination
    private let accepted: String

    init(_ configuration: RelayConfiguration) {
        examination = SubscriptionExamination(configuration)
        accepted = configuration.events.accept.joined(separator: ", ")
    }

    func of(_ subscription: WebhookSubscription) -> [(fault: SubscriptionExamination.Fault, text: String)] {
        examination.faults(of: subscription).map { ($0, told($0)) }
    }

    /// Whether its deliveries would be refused.
    func refuses(_ subscription: WebhookSubscription) -> Bool { !examination.trusts(subscription) }

    /// Warns on standard error.
    func tell(of subscription: WebhookSubscription) {
        for (_, text) in of(subscription) { StandardError.line("warning: \(subscription.id) \(text)".onOneLine) }
    }

    private func told(_ fault: SubscriptionExamination.Fault) -> String {
        switch fault {
        case .foreignSecret:
            "signs with a secret that is not among signature.secrets: its deliveries are answered 401, and Argyle does not send those again"
        case .unsigned:
            "has no secret, and signature.required is true: its deliveries are answered 401, and Argyle does not send those again"
        case .nothingAccepted: "asks for no event that events.accept (\(accepted)) lets pass: its deliveries are answered 200 and ignored"
        }
    }
}

extension SubscriptionExamination {
    init(_ configuration: RelayConfiguration) {
        self.init(
            secrets: configuration.signature.secrets.map { $0.reveal() },
            required: configuration.signature.required,
            filter: EventFilter(configuration.events.accept)
        )
    }
}
