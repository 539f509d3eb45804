import ArgumentParser
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox show`
struct OutboxShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print all that is known of one event, as JSON.",
        discussion: "With --data what was, or will be, published is in it: personal data."
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The event's id.") var id: String
    @Flag(help: "With the data.") var data = false
    @Flag(help: "JSON; there is no other form.") var json = false

    func run() async throws {
        let id = try EventID.argument(id)
        try await OutboxAccess.with(options) { access in
            JSONLine.print(try await access.operations.event(id, includesData: data))
        }
    }
}
