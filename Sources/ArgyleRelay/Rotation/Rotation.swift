import ArgyleAPI
import RelayAdmin
import RelayConfiguration
import RelayCore

/// Changes the secret that a relay's subscriptions sign with, while deliveries come: every one of them is signed with a secret that the relay has.
///
/// What is to be done is ``RotationStep``'s to say, from what is there; this performs it. It may be interrupted anywhere and run again.
struct Rotation {
    struct Fault: Error, CustomStringConvertible {
        let description: String
        /// Whether the same again later goes on from here.
        var isTemporary = false
    }

    struct Patience {
        /// For a delivery with the new secret, and for the old one's end.
        var wait = Duration.seconds(600)
        /// So long must the old secrets have signed nothing: longer than a second try takes, and the answer to it.
        var quiet = Duration.seconds(60)
        var pause = Duration.seconds(1)
    }

    let url: String
    let file: SecretFile
    let argyle: ArgyleClient
    let relay: RotatingRelay
    /// The secrets, and the fingerprint, of the configuration as it is now; reads it anew.
    let configured: () throws -> (secrets: [String], fingerprint: String)
    let clock: any Clock<Duration>
    var patience = Patience()
    /// One line for each thing that is done.
    var tell: (String) -> Void
    /// Is called when a step is done; what it throws ends the rotation there.
    var performed: (RotationStep.Action) throws -> Void = { _ in }

    private struct Progress {
        var isTaken = false
        var newArrived = false
        var isQuiet = false
        /// As of the reload, from where a delivery with the new secret is news.
        var counts: [Int: Int] = [:]
    }

    func run() async throws {
        try await file.locked {
            var progress = Progress()
            while true {
                let (step, secrets, record) = try await look(progress)
                let action = step.next
                try await perform(action, secrets, record, &progress)
                try performed(action)
                if action == .finish { return }
            }
        }
    }

    private func look(_ progress: Progress) async throws -> (RotationStep, secrets: [String], RotationRecord?) {
        let secrets = try configured().secrets
        let record = try RotationRecord.read(beside: file)
        let all = try await argyle.subscriptions()
        let own = all.filter(DeliveryTarget.url(url).isReached)
        if own.isEmpty {
            throw Fault(description: "no subscription of this API key delivers to \(url): argyle-relay subscription ensure --url \(url)")
        }
        if let subscription = own.first(where: \.signing.isUntold) {
            throw Fault(description: "Argyle's API does not tell with what \(subscription.id) signs: nobody can say when it is replaced")
        }
        var step = RotationStep()
        guard let record, let new = secrets.first(where: record.isNew) else { return (step, secrets, record) }
        let signsNew = { (subscription: WebhookSubscription) in subscription.signing.position(among: [Array(new.utf8)]) != nil }
        step.hasNewSecret = true
        step.isTaken = progress.isTaken
        step.old = own.filter { !signsNew($0) }
        step.lacking = Self.lacking(step.old, among: own.filter(signsNew))
        step.newArrived = progress.newArrived
        step.isQuiet = progress.isQuiet
        step.holdsOld = !Self.unneeded(secrets, record, all).isEmpty
        return (step, secrets, record)
    }

    /// Each of `old` wants one of `made` for itself that asks for the same.
    private static func lacking(_ old: [WebhookSubscription], among made: [WebhookSubscription]) -> [WebhookSubscription] {
        var free = made
        return old.filter { subscription in
            guard let index = free.firstIndex(where: { WantedSubscription(like: subscription, secret: nil).isMet(by: $0) }) else {
                return true
            }
            free.remove(at: index)
            return false
        }
    }

    /// Positions of old secrets with which no subscription signs, wherever it delivers.
    private static func unneeded(_ secrets: [String], _ record: RotationRecord, _ all: [WebhookSubscription]) -> [Int] {
        let signing = Set(all.compactMap { $0.signing.position(among: secrets.map { Array($0.utf8) }) })
        return secrets.indices.filter { record.isOld(secrets[$0]) && !signing.contains($0) }
    }

    private func perform(
        _ action: RotationStep.Action,
        _ secrets: [String],
        _ record: RotationRecord?,
        _ progress: inout Progress
    ) async throws {
        switch action {
        case .makeSecret: try await makeSecret(secrets)
        case .reload:
            try await reload(record)
            progress.isTaken = true
            // What was being verified during the reload counts by the order of before.
            try await clock.sleep(for: patience.pause)
            progress.counts = try await relay.matches()
        case .create(let subscription):
            guard let new = secrets.first(where: { record?.isNew($0) ?? false }) else { return }
            let known = Set(try await argyle.subscriptions().map(\.id))
            let made = try await argyle.create(WantedSubscription(like: subscription, secret: new), known: known)
            tell("created \(SubscriptionText.line(made))")
        case .awaitNew:
            let positions = secrets.indices.filter { record?.isNew(secrets[$0]) ?? false }.map { $0 + 1 }
            tell("waiting for a delivery that is signed with the new secret")
            try await awaitNew(positions, from: progress.counts)
            progress.newArrived = true
        case .delete(let subscription):
            try await argyle.delete(subscription.id)
            tell("deleted \(SubscriptionText.line(subscription))")
        case .awaitQuiet:
            let positions = secrets.indices.filter { record?.isOld(secrets[$0]) ?? false }.map { $0 + 1 }
            tell("waiting until the old secret has signed nothing for \(patience.quiet.readable)")
            try await awaitQuiet(positions)
            progress.isQuiet = true
        case .removeOld:
            guard let record else { return }
            let removed = Set(Self.unneeded(secrets, record, try await argyle.subscriptions()))
            try file.write(secrets.indices.filter { !removed.contains($0) }.map { secrets[$0] })
            tell("removed the old secret from \(file.path)")
            progress.isTaken = false
        case .finish:
            try file.remove(beside: RotationRecord.suffix)
            let kept = secrets.filter { record?.isOld($0) ?? false }.count
            if kept > 0 {
                tell("\(kept) old secret\(kept == 1 ? " stays" : "s stay") in \(file.path): subscriptions to other addresses sign with it")
            }
            tell("done")
        }
    }

    /// The record is there before the secret is: a secret that no record names would be anybody's.
    private func makeSecret(_ secrets: [String]) async throws {
        guard secrets.count < Self.mostSecrets else {
            throw Fault(
                description: "\(file.path) holds \(secrets.count) secrets, which is all that it may: take out what nobody signs with"
            )
        }
        let own = try await argyle.subscriptions().filter(DeliveryTarget.url(url).isReached)
        let old = Set(own.compactMap { $0.signing.position(among: secrets.map { Array($0.utf8) }) })
        var generator = SystemRandomNumberGenerator()
        let secret = Hexadecimal.encode((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        try RotationRecord(new: secret, old: old.sorted().map { secrets[$0] }).write(beside: file)
        try file.write([secret] + secrets)
        tell("made a new secret, the first of \(secrets.count + 1) in \(file.path)")
    }

    private static let mostSecrets = 16

    /// A relay that reads another file would refuse what the new subscriptions send: it has to show that it reads this one.
    private func reload(_ record: RotationRecord?) async throws {
        let reloaded = try await relay.reload()
        guard var record else { return }
        let ours = try configured().fingerprint
        let isShown = reloaded.changed.contains("signature.secrets") || reloaded.fingerprint == ours
        guard record.isTaken || isShown else {
            throw Fault(
                description:
                    "the relay has reloaded and does not show that it reads \(file.path): give this command the same --config, --set and "
                    + "environment as serve has; where the relay reads a copy that is made at its start, restart it and run this again"
            )
        }
        if !record.isTaken {
            record.isTaken = true
            try record.write(beside: file)
        }
        tell(
            isShown
                ? "the relay has taken the secrets in \(file.path)"
                : "the relay goes on with the secrets that it has read before: what is in \(file.path) counts from its next start on"
        )
    }

    private func awaitNew(_ positions: [Int], from counts: [Int: Int]) async throws {
        var watch = MatchWatch(positions, from: counts)
        var waited = Duration.zero
        while waited < patience.wait {
            if let counts = try await countsIfTold(), watch.hasGrown(to: counts) { return }
            try await clock.sleep(for: patience.pause)
            waited += patience.pause
        }
        throw Fault(
            description:
                "no delivery with the new secret has come within \(patience.wait.readable). Old and new subscriptions are both there, and the relay "
                + "takes the secrets of both: run this again when something has been delivered",
            isTemporary: true
        )
    }

    private func awaitQuiet(_ positions: [Int]) async throws {
        var watch: MatchWatch?
        var (waited, quiet) = (Duration.zero, Duration.zero)
        while waited < patience.wait + patience.quiet {
            if let counts = try await countsIfTold() {
                if watch?.hasGrown(to: counts) ?? true { quiet = .zero }
                watch = watch ?? MatchWatch(positions, from: counts)
                if quiet >= patience.quiet { return }
            } else {
                quiet = .zero
            }
            try await clock.sleep(for: patience.pause)
            waited += patience.pause
            quiet += patience.pause
        }
        throw Fault(
            description:
                "deliveries are still signed with the old secret, though no subscription of this API key is. It stays in \(file.path): run this again "
                + "when that is over",
            isTemporary: true
        )
    }

    /// Nil while the relay does not answer: it may be restarting, and is asked again.
    private func countsIfTold() async throws -> [Int: Int]? {
        do throws(OperationFault) { return try await relay.matches() } catch {
            guard case .unavailable = error else { throw error }
            return nil
        }
    }
}

extension WantedSubscription {
    /// The same for another secret.
    init(like subscription: WebhookSubscription, secret: String?) {
        self.init(
            events: subscription.events,
            name: subscription.name,
            url: subscription.url,
            config: subscription.config,
            secret: secret
        )
    }
}
