import ArgyleAPI

/// What a rotation has come to, from what is there, and what is to be done next: a value, so that whoever is interrupted anywhere goes on from where
/// things stand.
///
/// A subscription goes only after a delivery with the new secret has come, and an old secret only after none has come with it for long enough.
struct RotationStep {
    enum Action: Equatable {
        /// Makes a secret and puts it first in the file, before those that are there.
        case makeSecret
        /// Has the relay read the file.
        case reload
        /// Makes one with the new secret beside it.
        case create(beside: WebhookSubscription)
        /// Waits for a delivery that is signed with the new secret.
        case awaitNew
        case delete(WebhookSubscription)
        /// Waits until the old secrets have signed nothing for long enough.
        case awaitQuiet
        /// Takes the old secrets out of the file, and has the relay read it.
        case removeOld
        case finish
    }

    /// Whether the file holds a secret that a rotation has made.
    var hasNewSecret = false
    /// Whether the relay has read the file as it is.
    var isTaken = false
    /// Those that do not sign with the new secret, and of them those without a like one that does.
    var old: [WebhookSubscription] = []
    var lacking: [WebhookSubscription] = []
    /// Whether a delivery with the new secret has come.
    var newArrived = false
    /// Whether the old secrets have been silent for long enough.
    var isQuiet = false
    /// Whether the file still holds some of them that nobody needs.
    var holdsOld = false

    var next: Action {
        guard hasNewSecret else { return .makeSecret }
        guard isTaken else { return .reload }
        if let subscription = lacking.first { return .create(beside: subscription) }
        if let subscription = old.first { return newArrived ? .delete(subscription) : .awaitNew }
        guard holdsOld else { return .finish }
        return isQuiet ? .removeOld : .awaitQuiet
    }
}
