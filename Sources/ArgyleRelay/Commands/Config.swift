import ArgumentParser
import RelayConfiguration

/// `argyle-relay config`
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Look at the configuration.", subcommands: [Check.self])

    /// `argyle-relay config check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective configuration, secrets redacted; exit 78 on whatever serve would refuse."
        )

        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let loaded = try options.load(isServed: true)
            try ConfigurationOptions.refuse(ServeChecks.faults(loaded.configuration))
            for warning in loaded.warnings { StandardError.line("warning: \(warning)") }
            print(json ? try loaded.effectiveJSON() : loaded.effectiveText(), terminator: json ? "\n" : "")
        }
    }
}
