import ArgumentParser
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox list`
struct OutboxList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List events, the newest first.")

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var filter: FilterOptions
    @Option(help: "How many.") var limit = 50
    @Flag(help: "List replays instead.") var replays = false
    @Flag(help: "Print JSON, one object a line.") var json = false

    func run() async throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000") }
        let filter = try filter.filter()
        try await OutboxAccess.with(options) { access in
            if replays { return show(try await access.operations.replays()) }
            var query = EventQuery(filter: filter, limit: limit)
            var events: [EventRecord] = []
            repeat {
                query.limit = min(EventQuery.largestPage, limit - events.count)
                let page = try await access.operations.events(query)
                events += page.events
                query.cursor = page.next.flatMap(EventCursor.init)
            } while query.cursor != nil && events.count < limit
            show(events)
        }
    }

    private func show(_ events: [EventRecord]) {
        if json { return events.forEach(JSONLine.print) }
        let now = TimeSource.system.now()
        var table = Table(["RECEIVED", "STATE", "EVENT", "USER", "CHANGE", "COPIES", "KAFKA", "ID"])
        for event in events {
            table.add([
                event.received.ago(now), event.state.rawValue, event.event ?? "(unreadable)", event.user ?? "-",
                event.change.map { "\($0) #\(event.revision ?? 0)" } ?? "-", String(event.duplicates), event.place, event.id.description,
            ])
        }
        print(table.isEmpty ? "no such events" : table.text(width: Terminal.width))
    }

    private func show(_ replays: [ReplayRecord]) {
        if json { return replays.forEach(JSONLine.print) }
        let now = TimeSource.system.now()
        var table = Table(["ORDERED", "BY", "DONE", "FAILED", "OF", "GONE", "STATE", "ID"])
        for replay in replays {
            table.add([
                replay.created.ago(now), replay.requestedBy, String(replay.done), String(replay.failed), String(replay.total),
                String(replay.gone), replay.isFinished ? "done" : replay.started == nil ? "waiting" : "under way", replay.id.description,
            ])
        }
        print(table.isEmpty ? "no replays" : table.text(width: Terminal.width))
    }
}

extension EventRecord {
    /// Where it is in Kafka, or what keeps it from there.
    fileprivate var place: String {
        if let partition, let offset { return "\(topic ?? "?")[\(partition)]@\(offset)" }
        if let error, state != .published { return "\(error.code) ×\(attempts ?? 0)" }
        return topic ?? "-"
    }
}

/// One JSON object a line.
enum JSONLine {
    static func print(_ value: some Encodable) {
        Swift.print(String(decoding: AdminJSON.encode(value), as: UTF8.self), terminator: "")
    }
}
