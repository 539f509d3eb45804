import ArgumentParser
import ArgyleAPI
import RelayConfiguration

/// `argyle-relay subscription`
struct Subscription: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Webhook subscriptions at Argyle (/v2/webhooks).",
        discussion:
            "Needs argyle.api_key_id and argyle.api_key_secret. The secret of a new subscription is the first of signature.secrets. Argyle's API shows "
            + "secrets; these commands compare them and show none.",
        subcommands: [List.self, Create.self, Ensure.self, Rotate.self, Delete.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the subscriptions of the API key.")
        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await ArgyleSession.run(options) { session in
                let subscriptions = try await session.client.subscriptions()
                if json { return print(try SubscriptionText.json(subscriptions)) }
                if subscriptions.isEmpty { StandardError.line("no subscription at \(session.configuration.argyle.apiURL)") }
                for subscription in subscriptions { print(SubscriptionText.line(subscription)) }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a subscription, whether or not there is one like it.")
        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var wanted: WantedOptions

        func run() async throws {
            try await ArgyleSession.run(options) { session in
                let wanted = try wanted.subscription(session.configuration)
                let known = Set(try await session.client.subscriptions().map(\.id))
                let made = try await session.client.create(wanted, known: known)
                print("created \(SubscriptionText.line(made))")
                SubscriptionFaults(session.configuration).tell(of: made)
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a subscription by its id.")
        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The id, as `subscription list` shows it.") var id: String

        func run() async throws {
            guard !id.isEmpty, id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }) else {
                throw ValidationError("that is no subscription's id")
            }
            try await ArgyleSession.run(options) { session in
                try await session.client.delete(id)
                print("deleted \(id)")
            }
        }
    }
}
