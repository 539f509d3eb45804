import ArgumentParser
import ArgyleAPI
import RelayAdmin
import RelayConfiguration
import RelayCore

/// `argyle-relay reconcile`
struct Reconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find what Argyle has and the relay never received.",
        discussion: """
            Reads every account of the API key at Argyle and compares with what the relay knows. A user was missed when an account that Argyle has \
            retrieved, and that has not changed for 15 minutes, is not in the user's last known set. Each is asked about once more and printed; with --apply \
            it becomes a fact with the id that the delivery would have had (so that one that comes after all is a duplicate) and the attribute origin: reconcile.
            Changes nothing at Argyle. Interrupted, give it again. Through the running relay where there is one; otherwise the outbox is held meanwhile.
            Exit codes: 0 nothing was missed, or all of it is taken in; 1 something was missed and --apply was not given, or it failed; 75 try again; 78 \
            configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "This user alone; one whose set is past dedup.retention counts as never received.") var user: String?
    @Flag(help: "Take in what was missed.") var apply = false
    @Option(help: "Requests to Argyle a second at most, from 1 to 40; Argyle's own limit is 50.") var rate = RequestPace.defaultRate
    @Flag(help: "Print JSON, one object a line.") var json = false

    func run() async throws {
        guard RequestPace.rates.contains(rate) else { throw ValidationError("--rate must be from 1 to 40") }
        let only = try user.map { text in
            guard let user = UserID(text) else { throw ValidationError("'\(text.onOneLine)' is no user's id") }
            return user
        }
        try await ArgyleSession.run(options) { session in
            guard EventFilter(session.configuration.events.accept).accepts(.usersFullySynced) else {
                StandardError.line(
                    "argyle-relay: events.accept does not accept users.fully_synced, so that none of them can have been missed"
                )
                throw ExitCode.configuration
            }
            try await OutboxAccess.with(options) { access in
                let pace = RequestPace(rate: rate, clock: ContinuousClock(), time: .system)
                var reconciliation = Reconciliation(
                    reader: AccountReader(session.client, pace: pace),
                    operations: access.operations,
                    time: .system,
                    applies: apply
                )
                reconciliation.ignoresForgotten = only != nil
                let suspicion = if let only { Reconciliation.Suspicion(suspects: [only]) } else { try await read(reconciliation) }
                let report = try await settle(suspicion, reconciliation)
                for line in report.summary { StandardError.line(line) }
                if report.accepted > 0, !access.isRunning {
                    StandardError.line("no relay is running: the next 'argyle-relay serve' publishes them")
                }
                if report.missed > 0 { throw ExitCode.failure }
                if report.overtaken > 0 { throw ExitCode.tryAgain }
            }
        }
    }

    private func read(_ reconciliation: Reconciliation) async throws -> Reconciliation.Suspicion {
        let line = ProgressLine()
        defer { line.end() }
        var accounts = 0
        let suspicion = try await reconciliation.suspicion { progress in
            accounts = progress.accounts
            line.show("\(progress.accounts) accounts read, \(progress.pages) pages")
        }
        line.end()
        StandardError.line("\(accounts) accounts at Argyle; \(suspicion.suspects.count) users to look at again")
        return suspicion
    }

    private func settle(_ suspicion: Reconciliation.Suspicion, _ reconciliation: Reconciliation) async throws -> ReconcileReport {
        var report = ReconcileReport()
        let bar = ProgressBar(total: suspicion.suspects.count)
        defer { bar.end() }
        func show(_ finding: Reconciliation.Finding) {
            guard report.count(finding) else { return }
            bar.end()
            if json { JSONLine.print(ReconcileLine(finding)) } else { print(ReconcileReport.line(finding)) }
        }
        for user in suspicion.forgotten { show(Reconciliation.Finding(user: user, missed: nil)) }
        try await reconciliation.settle(suspicion.suspects, progress: { bar.show($0) }, found: show)
        return report
    }
}
