import ArgumentParser
import Glibc
import RelayAdmin
import RelayCore
import RelayOutbox

/// `argyle-relay outbox reroute`
struct OutboxReroute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reroute",
        abstract: "Give what Kafka does not have of a topic the topic in force for its event.",
        discussion: """
            For entries that wait for a topic that was mistyped, or is no more: kafka.topic and kafka.dead_letter_topic as they are in force say where \
            they go. Dead entries of the topic get it too, for a later retry. What is published keeps its topic; what is right is left alone.
            A user's events leave in order of acceptance, rerouted ones before newer ones that wait. Not promised: a newer event of the user that had \
            left for the right topic before stays before them (their revision tells).
            Publishing to the topics concerned stands still meanwhile, taking deliveries does not. Ended early, give it again: it goes on.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "The topic that the entries have.") var topic: String
    @Flag(help: "Only count.") var dryRun = false
    @Flag(help: "Do not ask.") var yes = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        guard let topic = TopicName(topic) else { throw ValidationError("'\(topic.onOneLine)' is no topic's name") }
        try await OutboxAccess.with(options) { access in
            let plan = try await access.operations.planReroute(from: topic)
            if dryRun || plan.isEmpty { return show(plan, isPlan: true) }
            if !yes {
                for line in Self.lines(plan, isPlan: true) { StandardError.line(line) }
                try confirm()
            }
            show(try await access.operations.reroute(from: topic), isPlan: false)
            if !access.isRunning { StandardError.line("no relay is running: the next 'argyle-relay serve' publishes them") }
        }
    }

    /// Without a terminal there is nobody to ask.
    private func confirm() throws {
        guard isatty(STDIN_FILENO) == 1, StandardError.isTerminal else {
            StandardError.line("argyle-relay: nothing was done; give --yes to do it")
            throw ExitCode.validationFailure
        }
        Terminal.write("go on? [y/N] ", to: STDERR_FILENO)
        guard ["y", "yes"].contains(readLine()?.lowercased()) else {
            StandardError.line("nothing was done")
            throw ExitCode.failure
        }
    }

    private func show(_ report: RerouteReport, isPlan: Bool) {
        if json { return JSONLine.print(report) }
        for line in Self.lines(report, isPlan: isPlan) { print(line) }
    }

    static func lines(_ report: RerouteReport, isPlan: Bool) -> [String] {
        var lines = report.moves.map { move in
            "\(report.topic) -> \(move.to): \(move.waiting) waiting, \(move.dead) dead\(isPlan ? " would be rerouted" : " rerouted")"
        }
        if report.right > 0 {
            lines.append("\(report.right) have topic \(report.topic) by the configuration in force, and are left alone")
        }
        if report.unroutable > 0 {
            lines.append("\(report.unroutable) are left alone: kafka.topic makes no name that Kafka takes of their event")
        }
        return lines.isEmpty ? ["nothing waits for topic \(report.topic), and nothing is dead under it"] : lines
    }
}
