import ArgumentParser
import RelayAdmin
import RelayCore

/// `argyle-relay outbox discard`
struct OutboxDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Give an event up that is dead or waits, for a reason that is kept; the user's later events go on.",
        discussion: "One that is on its way to Kafka right now is left alone: exit 75, try again."
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The event's id.") var id: String
    @Option(help: "Why; it is kept with the event.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let id = try EventID.argument(id)
        try await OutboxAccess.with(options) { access in
            let event = try await access.operations.discard(id, reason: reason)
            if json { JSONLine.print(event) } else { print("\(id) is given up") }
        }
    }
}
