import ArgumentParser
import Glibc
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show on one screen how the relay and its outbox fare.")

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Refresh every second until interrupted.") var watch = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        try await OutboxAccess.with(options) { access in
            // The file's lock must not be held against a relay that wants to start.
            let again = watch && access.isRunning
            if watch, !again { StandardError.line("no relay is running: shown once") }
            repeat {
                let report = try await access.operations.status()
                if json {
                    JSONLine.print(report)
                } else {
                    if again, Terminal.width != nil { Terminal.clear() }
                    print(Self.text(report, now: TimeSource.system.now()))
                    fflush(nil)
                }
                if again { try await ContinuousClock().sleep(for: .seconds(1)) }
            } while again
        }
    }

    static func text(_ report: StatusReport, now: Timestamp) -> String {
        var lines: [(String, String)] = [
            ("relay", report.running ? "running, argyle-relay \(report.version)" : "not running"),
            ("configuration", report.configuration.map { "fingerprint \($0.prefix(12))" } ?? "not in force: no relay runs"),
            ("outbox", "\(report.outbox) (schema \(report.schema))"),
            ("accepted", "\(report.accepted)\(rate(report.rates?.accepted1m, report.rates?.accepted5m))"),
            ("published", "\(report.published)\(rate(report.rates?.published1m, report.rates?.published5m))"),
            ("pending", "\(report.pending)\(report.oldestPending.map { ", the oldest received \($0.told(now))" } ?? "")"),
            ("dead", "\(report.dead)\(report.dead > 0 ? "  (argyle-relay outbox list --state dead)" : "")"),
            ("discarded", "\(report.discarded)"),
            ("replayable", report.oldestKept.map { "from \($0.told(now)) on" } ?? "nothing"),
        ]
        if let isConnected = report.kafkaConnected {
            lines.append(("kafka", isConnected ? "connected" : "NOT connected\(report.kafkaFault.map { ": \($0)" } ?? "")"))
        }
        for stalled in report.stalledPartitions ?? [] {
            let partition = "\(stalled.topic)/\(stalled.partition)"
            lines.append(("stalled", "\(partition) takes nothing since \(stalled.seconds) s; the users whose keys lie there wait"))
        }
        if let argyle = report.argyle { lines += argyle.lines(now) }
        if let free = report.freeDisk { lines.append(("free disk", "\(free / (1 << 20)) MiB")) }
        if let shedding = report.shedding { lines.append(("SHEDDING", shedding)) }
        if let failure = report.lastFailure { lines.append(("FAILING", failure)) }
        for stranded in report.stranded ?? [] { lines.append(("STRANDED", stranded.told)) }
        if let clock = report.clock { lines.append(("CLOCK", clock)) }
        if let replay = report.replay { lines.append(("replay", "\(replay.id): \(replay.done + replay.failed) of \(replay.total)")) }
        let column = (lines.map(\.0.count).max() ?? 0) + 2
        return lines.map { $0.0.rightPadded(to: column) + $0.1 }.joined(separator: "\n")
    }

    private static func rate(_ minute: Double?, _ five: Double?) -> String {
        guard let minute, let five else { return "" }
        func shown(_ rate: Double) -> String { String(Double(Int(rate * 10)) / 10) }
        return "  (\(shown(minute))/s over 1 min, \(shown(five))/s over 5 min)"
    }
}

extension StatusReport.Argyle {
    fileprivate func lines(_ now: Timestamp) -> [(String, String)] {
        var lines: [(String, String)] = []
        if let subscriptions {
            let sent = lastSent.map { "sent last \($0.told(now))" } ?? "has sent nothing yet"
            let arrived = lastArrived.map { "the last genuine delivery came \($0.told(now))" } ?? "none has come in this run"
            lines.append(("argyle", "\(sent) by \(subscriptions) subscription\(subscriptions == 1 ? "" : "s"); \(arrived)"))
        }
        if missing { lines.append(("LOST", told)) }
        if let fault { lines.append(("argyle", "does not tell what it has sent: \(fault)")) }
        return lines
    }

    /// In one sentence, where something is missing.
    var told: String {
        "Argyle has sent up to \(lagSeconds ?? 0) s after the last genuine delivery that arrived: look at the edge and at refusals, then argyle-relay reconcile"
    }
}

extension StrandedTopic {
    /// In one sentence, with what helps.
    var told: String {
        "\(isMore ? "more than " : "")\(waiting) wait for topic \(topic), which nothing is routed to any more: "
            + "argyle-relay outbox reroute --topic \(topic)"
    }
}
