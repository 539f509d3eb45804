import ArgumentParser
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox export`
struct OutboxExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print events as JSON Lines, the oldest first.",
        discussion: "With --data what was, or will be, published is in it, byte for byte as a string: personal data."
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var filter: FilterOptions
    @Flag(help: "With the data.") var data = false
    @Flag(help: "JSON Lines; there is no other form.") var json = false

    func run() async throws {
        let filter = try filter.filter()
        try await OutboxAccess.with(options) { access in
            var query = EventQuery(filter: filter, limit: EventQuery.largestPage, newestFirst: false, includesData: data)
            let total = try await access.operations.status().accepted
            let bar = ProgressBar(total: total)
            var done = 0
            repeat {
                let page = try await access.operations.events(query)
                page.events.forEach(JSONLine.print)
                done = page.events.last.map { Int($0.sequence) } ?? done
                bar.show(done)
                query.cursor = page.next.flatMap(EventCursor.init)
            } while query.cursor != nil
            bar.end()
        }
    }
}
