import ArgumentParser
import FoundationEssentials
import RelayAdmin
import RelayClient
import RelayConfiguration
import RelayCore
import RelayMetrics
import RelayOutbox

/// The way to the outbox for a command: through the relay that runs on it or, where none runs, the file itself under its lock.
struct OutboxAccess {
    let operations: any OutboxOperations
    /// Whether a relay runs on it.
    let isRunning: Bool

    /// Does `body` with the outbox; what goes wrong is said on standard error in one line and becomes an exit code.
    static func with(_ options: ConfigurationOptions, _ body: (OutboxAccess) async throws -> Void) async throws {
        let configuration = try options.load().configuration
        do {
            try await open(configuration, body)
        } catch let fault as OperationFault {
            StandardError.line("argyle-relay: \(fault)")
            throw fault.exitCode
        } catch let error as OutboxError {
            StandardError.line("argyle-relay: \(error)")
            throw StartFailure.exitCode(for: error)
        } catch let failure as StartFailure {
            StandardError.line("argyle-relay: \(failure)")
            throw ExitCode.configuration
        }
    }

    private static func open(_ configuration: RelayConfiguration, _ body: (OutboxAccess) async throws -> Void) async throws {
        let client: HTTPClient
        do throws(HTTPClientError) {
            // The relay of this configuration runs on this machine, whatever proxies there are.
            client = try HTTPClient(configuration: .init(maxConnections: 2, maxResponseBody: 64 << 20, usesProxies: false))
        } catch { throw StartFailure("\(error)") }
        let remote = RemoteOperations(client: client, admin: configuration.admin, token: configuration.admin.token)
        let result: Result<Void, any Error>
        do {
            let isThere = try await find(remote, configuration)
            if isThere {
                result = .success(try await body(OutboxAccess(operations: remote, isRunning: true)))
            } else {
                result = .success(try await withFile(configuration, remote.url, body))
            }
        } catch { result = .failure(error) }
        await client.shutdown()
        try result.get()
    }

    /// Whether a relay answers. What answers and is none does not count: then the file's lock tells.
    private static func find(_ remote: RemoteOperations, _ configuration: RelayConfiguration) async throws -> Bool {
        // Port 0 was any free port; nobody knows which.
        guard configuration.admin.port != 0 else { return false }
        do {
            _ = try await remote.find()
            return true
        } catch is RemoteOperations.NoRelay {
            return false
        } catch OperationFault.unexpected {
            return false
        } catch OperationFault.unavailable {
            return false
        }
    }

    private static func withFile(
        _ configuration: RelayConfiguration,
        _ url: String,
        _ body: (OutboxAccess) async throws -> Void
    ) async throws {
        let path = configuration.outbox.path
        guard FileManager.default.fileExists(atPath: path) else {
            throw OperationFault.conflict("no relay answers at \(url), and there is no outbox at \(path) (outbox.path)")
        }
        let outbox: SQLiteOutbox
        do throws(OutboxError) {
            outbox = try SQLiteOutbox(
                path: path,
                settings: configuration.outboxSettings,
                meters: OutboxMeters(MetricsRegistry()),
                time: .system,
                clock: ContinuousClock()
            )
        } catch {
            guard case .inUse = error else { throw error }
            throw OperationFault.unavailable(
                "\(path) is in use, but its relay does not answer at \(url): check admin.host, admin.port and whether it hangs, then try again"
            )
        }
        async let running: Void = outbox.run { _ in }
        let result: Result<Void, any Error>
        do {
            let operations = LocalOperations(outbox: outbox, version: Build.version, relay: nil)
            result = .success(try await body(OutboxAccess(operations: operations, isRunning: false)))
        } catch { result = .failure(error) }
        outbox.stop()
        await running
        try result.get()
    }
}

extension OperationFault {
    var exitCode: ExitCode {
        switch self {
        case .invalid: .validationFailure
        case .unavailable: .tryAgain
        case .unauthorized: .configuration
        case .unknownEvent, .unknownReplay, .conflict, .unexpected: .failure
        }
    }
}
