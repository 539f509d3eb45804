import ArgumentParser
import ArgyleAPI
import Glibc
import RelayAdmin
import RelayClient
import RelayConfiguration

extension Subscription {
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the subscriptions to an address a new secret, beside a running relay that refuses nothing meanwhile.",
            discussion: """
                A new secret is made and put first into the file that signature.secrets_file names; the relay takes it by a reload; each subscription gets a \
                twin that signs with it, and goes once a delivery with the new secret has come (what comes twice meanwhile is a duplicate); the old secret \
                is taken out of the file when nothing has been signed with it for a minute. Interrupted at any step, it goes on when it is run again; \
                beside the file it leaves, until it is done, a record of what it is about (.rotation), which holds no secret.
                """
        )
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "Where Argyle delivers, as the subscriptions have it.") var url: String
        @Option(help: "How many seconds to wait for a delivery with the new secret, and for the last with the old one.") var wait = 600
        @Option(
            help: ArgumentHelp(
                "How many seconds without a delivery end the old secret; Argyle may try again after 30.",
                visibility: .hidden
            )
        )
        var quiet = 60

        func validate() throws {
            try WantedOptions.check(url: url)
            if !(1...86_400).contains(wait) { throw ValidationError("--wait wants 1 to 86400 seconds") }
            if !(1...3600).contains(quiet) { throw ValidationError("--quiet wants 1 to 3600 seconds") }
        }

        func run() async throws {
            let loaded = try options.load()
            let file = try secretFile(loaded)
            try await ArgyleSession.run(options) { session in
                let http = try HTTPClient(configuration: .init(maxConnections: 1, maxResponseBody: 8 << 20, usesProxies: false))
                let admin = session.configuration.admin
                let remote = RemoteOperations(client: http, admin: admin, token: admin.token)
                let result: Result<Void, any Error>
                do { result = .success(try await rotate(file, session.client, remote)) } catch { result = .failure(error) }
                await http.shutdown()
                try Self.tell(result)
            }
        }

        private func rotate(_ file: SecretFile, _ argyle: ArgyleClient, _ remote: RemoteOperations) async throws {
            do { _ = try await remote.find() } catch is RemoteOperations.NoRelay {
                throw Rotation.Fault(
                    description: "no relay answers at \(remote.url): a rotation wants one that takes deliveries",
                    isTemporary: true
                )
            }
            var patience = Rotation.Patience()
            (patience.wait, patience.quiet) = (.seconds(wait), .seconds(quiet))
            try await Rotation(
                url: url,
                file: file,
                argyle: argyle,
                relay: RotatingRelay(remote),
                configured: { [options] in
                    let loaded = try options.loaded()
                    return (loaded.configuration.signature.secrets.map { $0.revealText() }, loaded.fingerprint())
                },
                clock: ContinuousClock(),
                patience: patience,
                tell: { line in
                    print(line)
                    fflush(nil)
                }
            ).run()
        }

        /// The file that the secrets come from. Secrets that stand elsewhere are for their owner to change: a file with comments is not rewritten.
        private func secretFile(_ loaded: LoadedConfiguration) throws -> SecretFile {
            let origin = loaded.effective().first { $0.key == "signature.secrets" }?.origin
            guard case .secretFile(let path, _)? = origin else {
                StandardError.line(
                    "argyle-relay: signature.secrets come from \(origin.map(\.description) ?? "nowhere"), which this does not rewrite: put them into a file, "
                        + "one a line, and name it by signature.secrets_file"
                )
                throw ExitCode.configuration
            }
            do throws(SecretFile.Fault) { return try SecretFile(path) } catch {
                StandardError.line("argyle-relay: \(error)")
                throw ExitCode.failure
            }
        }

        private static func tell(_ result: Result<Void, any Error>) throws {
            do { try result.get() } catch let fault as Rotation.Fault {
                StandardError.line("argyle-relay: \(fault.description.onOneLine)")
                throw fault.isTemporary ? ExitCode.tryAgain : ExitCode.failure
            } catch let fault as SecretFile.Fault {
                StandardError.line("argyle-relay: \(fault.description.onOneLine)")
                throw ExitCode.failure
            } catch let fault as OperationFault {
                StandardError.line("argyle-relay: \(fault.description.onOneLine)")
                throw fault.exitCode
            }
        }
    }
}
