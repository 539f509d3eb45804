import ArgumentParser

/// `argyle-relay outbox`
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "See, explain, replay and repair what the outbox holds.",
        discussion: "With a relay running its admin API does the work; with none the file is opened under its lock.",
        subcommands: [
            OutboxList.self, OutboxShow.self, OutboxWhy.self, OutboxReplay.self, OutboxRetry.self, OutboxDiscard.self,
            OutboxReroute.self, OutboxExport.self, OutboxCheckCommand.self, OutboxBackup.self,
        ]
    )
}
