import ArgumentParser
import RelayAdmin
import RelayOutbox

/// `argyle-relay outbox check`
struct OutboxCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check every page and what must hold between rows; exit 1 on a fault.",
        discussion: "Works on a copy beside the outbox, so a running relay goes on; needs as much free disk as the outbox takes."
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        try await OutboxAccess.with(options) { access in
            let report = try await access.operations.check()
            if json { JSONLine.print(report) } else { show(report) }
            if !report.isSound { throw ExitCode.failure }
        }
    }

    private func show(_ report: CheckReport) {
        for fault in report.faults { print("fault: \(fault)") }
        for sequence in report.damaged { print("damaged: entry \(sequence) was set aside; 'outbox list --state dead' shows it") }
        print("\(report.isSound ? "sound" : "NOT sound"): \(report.entries) entries, \(report.facts) facts, \(report.users) users")
    }
}
