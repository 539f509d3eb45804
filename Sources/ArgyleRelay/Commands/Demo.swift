import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import RelayConfiguration
import RelayCore

/// `argyle-relay demo`
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embedded broker, relay and signed sample deliveries; prints what lands in Kafka.",
        discussion: """
            Nothing is configured and nothing is kept: the relay runs in this process on free ports with an outbox in a temporary folder.
            Without --once it then goes on taking deliveries until Ctrl-C.
            """
    )

    @Flag(help: "End after the sample deliveries.") var once = false
    @Flag(help: "Show the relay's log too.") var verbose = false

    func run() async throws {
        defer { RelayLogging.flush() }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "argyle-relay-demo-\(ProcessInfo.processInfo.processIdentifier)"
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let secret = UUID().uuidString
        let relay = try makeRelay(folder: folder.path(), secret: secret)
        let stage = DemoStage(relay: relay, secret: Array(secret.utf8))
        let once = once
        async let _: Void = watch(relay)
        let failure = try await relay.run { () -> (any Error)? in
            do { try await stage.play() } catch {
                relay.stop()
                return error
            }
            if once {
                relay.stop()
            } else {
                print("\nThe relay goes on: post to \(stage.url), signed with the secret \(secret). Ctrl-C ends it.")
            }
            return nil
        }
        if let failure {
            StandardError.line("argyle-relay: the demo failed: \(failure)")
            throw ExitCode.failure
        }
    }

    private func makeRelay(folder: String, secret: String) throws -> Relay {
        do {
            let loaded = try RelayConfiguration.load(
                file: .none,
                environment: ["RELAY_SIGNATURE_SECRETS": secret],
                flags: [
                    "http.port": "0", "admin.port": "0", "outbox.path": folder + "/outbox.sqlite",
                    "log.level": verbose ? "info" : "error",
                ]
            )
            return try Relay(loaded, logger: RelayLogging.logger(loaded.configuration.log, time: .system))
        } catch {
            StandardError.line("argyle-relay: \(error)")
            throw StartFailure.exitCode(for: error)
        }
    }

    private func watch(_ relay: Relay) async {
        for await signal in Signals.stream(onSecondInterrupt: { _exit(130) }) where signal == .stop { relay.stop() }
    }
}
