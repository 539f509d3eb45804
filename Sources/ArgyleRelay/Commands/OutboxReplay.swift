import ArgumentParser
import FoundationEssentials
import Glibc
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox replay`
struct OutboxReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Publish events once more, with the same ids and the header relay-replay.",
        discussion: """
            Means published events unless --state dead is given, each to the topic that it has: see 'outbox reroute' for what waits for a wrong one. Live events go first. With no relay running the replay is written down, \
            and the next 'serve' carries it out; it goes on after a crash, where up to 256 events may come twice.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var filter: FilterOptions
    @Option(help: "Events a second at most.") var rate = ReplayOrder.defaultRate
    @Flag(help: "Only count.") var dryRun = false
    @Flag(help: "Do not wait for its end.") var detach = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let filter = try filter.filter()
        guard ReplayOrder.rates.contains(rate) else { throw ValidationError("--rate must be from 1 to 100000") }
        let by = ProcessInfo.processInfo.environment["USER"].flatMap { $0.isEmpty ? nil : String($0.prefix(50)) } ?? "uid \(getuid())"
        let order = ReplayOrder(filter: filter, rate: rate, requestedBy: by)
        try await OutboxAccess.with(options) { access in
            if dryRun { return show(try await access.operations.planReplay(order)) }
            let record = try await access.operations.startReplay(order)
            StandardError.line("replay \(record.id): \(Self.words(record.total, record.gone))")
            guard access.isRunning else {
                StandardError.line("no relay is running: the next 'argyle-relay serve' carries it out")
                return finish(record)
            }
            finish(detach ? record : try await watch(record, access.operations))
        }
    }

    private func watch(_ record: ReplayRecord, _ operations: any OutboxOperations) async throws -> ReplayRecord {
        var record = record
        let bar = ProgressBar(total: record.total)
        let clock = ContinuousClock()
        while !record.isFinished {
            bar.show(record.done + record.failed)
            try await clock.sleep(for: .milliseconds(500))
            record = try await operations.replay(record.id)
        }
        bar.end()
        return record
    }

    private func show(_ count: ReplayCount) {
        if json { return JSONLine.print(count) }
        print("would publish \(Self.words(count.total, count.gone))")
    }

    private func finish(_ record: ReplayRecord) {
        if json { return JSONLine.print(record) }
        guard record.isFinished else { return print(record.id) }
        print("replay \(record.id): \(record.done) published, \(record.failed) refused, \(record.gone) gone")
    }

    private static func words(_ total: Int, _ gone: Int) -> String {
        "\(total) event\(total == 1 ? "" : "s")"
            + (gone == 0 ? "" : "; \(gone) more match but were forgotten after outbox.retention and cannot be published again")
    }
}
