import ArgumentParser
import FoundationEssentials
import RelayAdmin
import RelayOutbox

/// `argyle-relay outbox backup`
struct OutboxBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a consistent copy of the outbox, mode 0600; a running relay goes on.",
        discussion:
            "A running relay writes the file itself: the path is one of its own file system. A file that is there is not overwritten."
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The new file.") var file: String
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        try await OutboxAccess.with(options) { access in
            let report = try await access.operations.backup(to: path)
            if json { JSONLine.print(report) } else { print("\(report.path): \(report.entries) entries, \(report.bytes) bytes") }
        }
    }
}
