import ArgumentParser
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox why`
struct OutboxWhy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell in sentences what became of an event, or of a user's events."
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "An event's id or a user's.") var subject: String
    @Option(help: "Of a user: how many events, the newest first.") var limit = 10
    @Flag(help: "Print JSON, one object a line.") var json = false

    func run() async throws {
        guard (1...EventQuery.largestPage).contains(limit) else { throw ValidationError("--limit must be from 1 to 500") }
        try await OutboxAccess.with(options) { access in
            let events = try await find(access.operations)
            if json { return events.forEach(JSONLine.print) }
            let now = TimeSource.system.now()
            print(events.map { $0.story(now: now).joined(separator: "\n") }.joined(separator: "\n\n"))
        }
    }

    /// Users' ids are UUIDs as well as events' are: the event is looked for first.
    private func find(_ operations: any OutboxOperations) async throws -> [EventRecord] {
        if let id = EventID(subject) {
            do throws(OperationFault) { return [try await operations.event(id, includesData: false)] } catch {
                guard error == .unknownEvent else { throw error }
            }
        }
        var filter = OutboxFilter()
        filter.user = UserID(subject)
        guard filter.user != nil else { throw ValidationError("'\(subject)' is neither an event's id nor a user's") }
        var events: [EventRecord] = []
        for event in try await operations.events(EventQuery(filter: filter, limit: limit)).events {
            events.append(try await operations.event(event.id, includesData: false))
        }
        guard !events.isEmpty else {
            throw OperationFault.conflict("no event with this id, and none of such a user, ever came, or it is forgotten")
        }
        return events
    }
}
