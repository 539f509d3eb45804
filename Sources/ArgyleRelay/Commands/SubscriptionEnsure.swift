import ArgumentParser
import ArgyleAPI
import RelayConfiguration

extension Subscription {
    struct Ensure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make sure that exactly this subscription is there.",
            discussion: """
                With the same events, URL, name and config there is nothing to do. Otherwise the new one is made before the old ones go, so that no \
                delivery falls in between. Subscriptions with another config, or for other events, are left alone. One that is as wanted and signs with \
                a secret that the relay does not have is a failure: its deliveries would be refused.
                """
        )
        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var wanted: WantedOptions
        @Flag(help: "Replace it even if it is as wanted, by one that signs with the first of signature.secrets.") var rotate = false
        @Flag(help: "Say what would be done.") var dryRun = false

        func run() async throws {
            try await ArgyleSession.run(options) { session in
                let wanted = try wanted.subscription(session.configuration)
                let existing = try await session.client.subscriptions()
                let secrets = session.configuration.signature.secrets.map { $0.reveal() }
                let plan = SubscriptionPlan(for: wanted, existing: existing, secrets: secrets, rotates: rotate)
                let faults = SubscriptionFaults(session.configuration)
                for other in plan.beside {
                    StandardError.line("left alone, of the same URL or name: \(SubscriptionText.line(other))")
                    if DeliveryTarget.url(wanted.url).isReached(by: other) { faults.tell(of: other) }
                }
                if let kept = plan.kept { print("unchanged \(SubscriptionText.line(kept))") }
                if dryRun {
                    if plan.creates { print("would create \(wanted.description.onOneLine)") }
                    for old in plan.replaced { print("would delete \(SubscriptionText.line(old))") }
                } else {
                    try await perform(plan, wanted, existing, session)
                }
                try tell(plan, wanted, faults)
            }
        }

        private func perform(
            _ plan: SubscriptionPlan,
            _ wanted: WantedSubscription,
            _ existing: [WebhookSubscription],
            _ session: ArgyleSession
        ) async throws {
            if plan.creates {
                let made = try await session.client.create(wanted, known: Set(existing.map(\.id)))
                print("created \(SubscriptionText.line(made))")
            }
            for old in plan.replaced {
                do throws(ArgyleError) { try await session.client.delete(old.id) } catch {
                    StandardError.line("not deleted: \(SubscriptionText.line(old)); until it is, Argyle delivers twice, and run this again")
                    throw error
                }
                print("deleted \(SubscriptionText.line(old))")
            }
        }

        /// Says what the relay could not do with the wanted subscription's deliveries; that they are refused is a failure.
        private func tell(_ plan: SubscriptionPlan, _ wanted: WantedSubscription, _ faults: SubscriptionFaults) throws {
            let outcome =
                plan.kept
                ?? WebhookSubscription(
                    id: "it",
                    events: wanted.events,
                    name: wanted.name,
                    url: wanted.url,
                    config: wanted.config,
                    signing: wanted.secret.map { SigningSecret($0) } ?? .nothing
                )
            faults.tell(of: outcome)
            guard faults.refuses(outcome) else { return }
            StandardError.line(
                "argyle-relay: add that secret to signature.secrets, or give the subscription the first of them with --rotate"
            )
            throw ExitCode.failure
        }
    }
}
