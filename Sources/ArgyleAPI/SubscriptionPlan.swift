/// What has to be done so that exactly the wanted subscription is there: pure, so that `--dry-run` and the deed cannot differ.
///
/// The new one is made before the old ones go, so that no delivery falls in between. Only what it replaces is deleted: subscriptions of the same
/// name, and those to the same URL that ask for nothing beyond the wanted events.
package struct SubscriptionPlan: Sendable, Equatable {
    /// The one that is as wanted already.
    package let kept: WebhookSubscription?
    package let replaced: [WebhookSubscription]
    /// To the same URL for other events: left alone, and worth a word.
    package let beside: [WebhookSubscription]

    package var creates: Bool { kept == nil }
    package var changesNothing: Bool { kept != nil && replaced.isEmpty }

    /// - Parameter rotates: replaces even what is as wanted, because its secret, which Argyle does not show, has changed.
    package init(for wanted: WantedSubscription, existing: [WebhookSubscription], rotates: Bool = false) {
        let kept = rotates ? nil : existing.first { wanted.isMet(by: $0) }
        let others = existing.filter { $0.id != kept?.id }
        let isReplaced = { (old: WebhookSubscription) in
            old.name == wanted.name || (old.url == wanted.url && Set(old.events).isSubset(of: wanted.events))
        }
        self.kept = kept
        replaced = others.filter(isReplaced)
        beside = others.filter { !isReplaced($0) && $0.url == wanted.url }
    }
}
