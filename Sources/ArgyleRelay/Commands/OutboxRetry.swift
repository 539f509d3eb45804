import ArgumentParser
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox retry`
struct OutboxRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Put dead events back among those that wait, in their old order."
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The events' ids.") var ids: [String] = []
    @Flag(help: "All dead events.") var all = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    func run() async throws {
        guard ids.isEmpty == all else { throw ValidationError("name the events, or give --all") }
        var ids = try ids.map(EventID.argument)
        try await OutboxAccess.with(options) { access in
            if all { ids = try await dead(access.operations) }
            for id in ids {
                let event = try await access.operations.retry(id)
                if json { JSONLine.print(event) } else { print("\(id) waits again") }
                if let advice = event.rerouteAdvice { StandardError.line("\(id): \(advice)") }
            }
            if !access.isRunning, !ids.isEmpty { StandardError.line("no relay is running: the next 'argyle-relay serve' publishes them") }
        }
    }

    /// The oldest first, so that a user's order is kept.
    private func dead(_ operations: any OutboxOperations) async throws -> [EventID] {
        var ids: [EventID] = []
        var query = EventQuery(limit: EventQuery.largestPage, newestFirst: false)
        query.filter.state = .dead
        repeat {
            let page = try await operations.events(query)
            ids += page.events.map(\.id)
            query.cursor = page.next.flatMap(EventCursor.init)
        } while query.cursor != nil
        return ids
    }
}
