import ArgumentParser

/// The command line. Exit codes: 0 done, 1 failed, 64 usage, 75 try again, 78 configuration.
@main
struct ArgyleRelay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "argyle-relay",
        abstract: "Takes Argyle's fully_synced webhooks and publishes each fact once to Kafka.",
        discussion: "What was answered 200 is on disk; what is the same fact is published once.",
        version: Build.version,
        subcommands: [
            Serve.self, Demo.self, Config.self, Doctor.self, Send.self, Tail.self, Status.self, Health.self,
            OutboxCommand.self, Subscription.self, Reconcile.self, SchemaCommand.self,
        ]
    )
}

/// What this build is.
enum Build {
    static let version = "0.1.0"
}

extension ExitCode {
    /// EX_TEMPFAIL of sysexits.h: the same again later may work.
    static let tryAgain = ExitCode(75)
    /// EX_CONFIG of sysexits.h.
    static let configuration = ExitCode(78)
}
