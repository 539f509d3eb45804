/// What has to be done so that exactly the wanted subscription is there: pure, so that `--dry-run` and the deed cannot differ.
///
/// The new one is made before the old ones go, so that no delivery falls in between. Only what it replaces is deleted: subscriptions with the same
/// `config` that have the same name, or the same URL and ask for nothing beyond the wanted events.
package struct SubscriptionPlan: Sendable, Equatable {
    /// The one that is as wanted already.
    package let kept: WebhookSubscription?
    package let replaced: [WebhookSubscription]
    /// Of the same name or to the same URL, for other events or with another `config`: left alone, and worth a word.
    package let beside: [WebhookSubscription]

    package var creates: Bool { kept == nil }
    package var changesNothing: Bool { kept != nil && replaced.isEmpty }

    /// - Parameters:
    ///   - secrets: the relay's, the best first: of several that are as wanted the one stays that signs with the earliest.
    ///   - rotates: replaces even what is as wanted, because it is to sign with another secret.
    package init(
        for wanted: WantedSubscription,
        existing: [WebhookSubscription],
        secrets: [[UInt8]] = [],
        rotates: Bool = false
    ) {
        let met = existing.filter { wanted.isMet(by: $0) }.map { ($0, $0.signing.position(among: secrets) ?? Int.max) }
        let kept = rotates ? nil : met.min { $0.1 < $1.1 }?.0
        let others = existing.filter { $0.id != kept?.id }
        let isReplaced = { (old: WebhookSubscription) in
            old.config == wanted.config
                && (old.name == wanted.name || (old.url == wanted.url && Set(old.events).isSubset(of: wanted.events)))
        }
        self.kept = kept
        replaced = others.filter(isReplaced)
        beside = others.filter { !isReplaced($0) && ($0.url == wanted.url || $0.name == wanted.name) }
    }
}
