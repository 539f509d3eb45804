import ArgumentParser
import ArgyleAPI
import RelayConfiguration
import RelayCore

/// The subscription that is wanted, less its secret: that one is not for the command line, which every process can read.
struct WantedOptions: ParsableArguments {
    @Option(help: "Where Argyle delivers: the relay's address as seen from outside, with http.path.") var url: String
    @Option(help: "The subscription's name.") var name = "argyle-relay"
    @Option(name: .long, parsing: .singleValue, help: "An event; may be repeated. users.fully_synced without.") var event: [String] = []
    @Flag(help: "config.include_resource: events of accounts carry the account as well.") var includeResource = false
    @Option(help: ArgumentHelp("config.days_synced: of how many days a partially_synced tells.", valueName: "days")) var daysSynced: Int?
    @Option(
        name: .customLong("item"),
        parsing: .singleValue,
        help: ArgumentHelp("config.items: an item whose items.* events are wanted; may be repeated.", valueName: "item")
    )
    var items: [String] = []

    func validate() throws {
        try Self.check(url: url)
        for event in event where EventName(event) == nil { throw ValidationError("'\(event.onOneLine)' is no event's name") }
        if name.isEmpty { throw ValidationError("--name is empty") }
        if let daysSynced, !(1...36_500).contains(daysSynced) { throw ValidationError("--days-synced wants a number of days from 1 on") }
        if items.contains(where: \.isEmpty) { throw ValidationError("--item is empty") }
    }

    static func check(url: String) throws {
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), !url.contains(where: \.isWhitespace) else {
            throw ValidationError("--url wants an address that begins with https:// or http://")
        }
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
        return WantedSubscription(
            events: names,
            name: name,
            url: url,
            config: SubscriptionConfig(includeResource: includeResource, daysSynced: daysSynced, items: items),
            secret: secret?.revealText()
        )
    }
}
