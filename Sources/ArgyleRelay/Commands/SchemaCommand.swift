import ArgumentParser
import RelayCore

/// `argyle-relay schema [event]`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of an event's envelope (draft 2020-12)."
    )

    @Argument(help: "The event, such as users.fully_synced or paystubs.fully_synced.")
    var event = EventName.usersFullySynced.text

    func run() throws {
        guard let name = EventName(event) else {
            throw ValidationError("'\(event)' is no event's name: letters, digits, '.', '_' and '-', such as users.fully_synced")
        }
        print(EnvelopeSchema.schema(of: name))
    }
}
