import ArgumentParser
import ArgyleAPI
import FoundationEssentials
import RelayConfiguration
import RelayCore

/// `argyle-relay subscription`
struct Subscription: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Webhook subscriptions at Argyle (/v2/webhooks).",
        discussion:
            "Needs argyle.api_key_id and argyle.api_key_secret. The secret of a new subscription is the first of signature.secrets.",
        subcommands: [List.self, Create.self, Ensure.self, Delete.self]
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
            }
        }
    }

    struct Ensure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make sure that exactly this subscription is there.",
            discussion: """
                With the same events, URL and name there is nothing to do. Otherwise the new one is made before the old ones go, so that no delivery falls \
                in between. Argyle shows no secrets: after a change of signature.secrets use --rotate, and keep the old secret in the list until the \
                deliveries under way have come.
                """
        )
        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var wanted: WantedOptions
        @Flag(help: "Replace it even if it is as wanted: its secret has changed.") var rotate = false
        @Flag(help: "Say what would be done.") var dryRun = false

        func run() async throws {
            try await ArgyleSession.run(options) { session in
                let wanted = try wanted.subscription(session.configuration)
                let existing = try await session.client.subscriptions()
                let plan = SubscriptionPlan(for: wanted, existing: existing, rotates: rotate)
                for other in plan.beside { StandardError.line("left alone, to the same URL: \(SubscriptionText.line(other))") }
                if plan.changesNothing, let kept = plan.kept { return print("unchanged \(SubscriptionText.line(kept))") }
                if dryRun {
                    if plan.creates { print("would create \(wanted.description.onOneLine)") }
                    for old in plan.replaced { print("would delete \(SubscriptionText.line(old))") }
                    return
                }
                if plan.creates {
                    let made = try await session.client.create(wanted, known: Set(existing.map(\.id)))
                    print("created \(SubscriptionText.line(made))")
                }
                for old in plan.replaced {
                    do throws(ArgyleError) { try await session.client.delete(old.id) } catch {
                        StandardError.line(
                            "not deleted: \(SubscriptionText.line(old)); until it is, Argyle delivers twice, and run this again"
                        )
                        throw error
                    }
                    print("deleted \(SubscriptionText.line(old))")
                }
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

/// The subscription that is wanted, less its secret: that one is not for the command line, which every process can read.
struct WantedOptions: ParsableArguments {
    @Option(help: "Where Argyle delivers: the relay's address as seen from outside, with http.path.") var url: String
    @Option(help: "The subscription's name.") var name = "argyle-relay"
    @Option(name: .long, parsing: .singleValue, help: "An event; may be repeated. users.fully_synced without.") var event: [String] = []

    func validate() throws {
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), !url.contains(where: \.isWhitespace) else {
            throw ValidationError("--url wants an address that begins with https:// or http://")
        }
        for event in event where EventName(event) == nil { throw ValidationError("'\(event.onOneLine)' is no event's name") }
        if name.isEmpty { throw ValidationError("--name is empty") }
    }

    func subscription(_ configuration: RelayConfiguration) throws -> WantedSubscription {
        var names: [String] = []
        for name in event.isEmpty ? [EventName.usersFullySynced.text] : event where !names.contains(name) { names.append(name) }
        let secret = configuration.signature.secrets.first
        if secret == nil { StandardError.line("warning: signature.secrets is empty: the deliveries will not be signed") }
        if let secret, Array(secret.revealText().utf8) != secret.reveal() {
            StandardError.line("argyle-relay: the first of signature.secrets is no UTF-8 text, which is all that Argyle's API takes")
            throw ExitCode.configuration
        }
        return WantedSubscription(events: names, name: name, url: url, secret: secret?.revealText())
    }
}

/// How subscriptions are shown.
enum SubscriptionText {
    static func line(_ subscription: WebhookSubscription) -> String {
        "\(subscription.id)  \(subscription.name)  \(subscription.url)  \(subscription.events.joined(separator: ","))".onOneLine
    }

    static func json(_ subscriptions: [WebhookSubscription]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(subscriptions), as: UTF8.self)
    }
}
