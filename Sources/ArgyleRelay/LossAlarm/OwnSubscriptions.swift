import ArgyleAPI
import RelayConfiguration

/// Which of an API key's subscriptions deliver to this relay, as far as it can know: those whose URL has its path and that sign with a secret of
/// its own, for the same path at another host with another secret is another relay's. Where none signs with one of its secrets, those may be what
/// is wrong, and all with its path count.
struct OwnSubscriptions: Sendable {
    private let target: DeliveryTarget
    private let examination: SubscriptionExamination

    /// - Parameter path: of the route that takes deliveries, where that is not as configured any more.
    init(_ configuration: RelayConfiguration, path: String? = nil) {
        target = .path(path ?? configuration.http.path)
        examination = SubscriptionExamination(configuration)
    }

    func among(_ listed: [WebhookSubscription]) -> [WebhookSubscription] {
        let candidates = listed.filter(target.isReached)
        let trusted = candidates.filter(examination.trusts)
        return trusted.isEmpty ? candidates : trusted
    }
}
