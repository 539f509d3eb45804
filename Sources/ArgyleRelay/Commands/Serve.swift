import ArgumentParser
import Glibc
import Logging
import RelayConfiguration
import RelayCore
import RelayHTTP
import RelayKafka
import RelayOutbox

/// `argyle-relay serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the relay (SIGTERM or SIGINT: drain and stop; SIGHUP: reload)."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        // First of all: it changes the environment, and descriptors from 3 on may be the parent's.
        let supervision = Result { () throws(StartFailure) in try Supervision.take() }
        StandardError.queue()
        defer { RelayLogging.flush() }
        let loaded = try options.load(isServed: true)
        let logger = RelayLogging.logger(loaded.configuration.log, time: .system)
        for warning in loaded.warnings { logger.warning("\(warning)") }
        do {
            let supervision = try supervision.get()
            for warning in supervision.warnings { logger.warning("\(warning)") }
            let options = options
            // Before there is anything to stop: a signal that comes while the relay starts is answered once it runs.
            let signals = Signals.stream {
                logger.critical("interrupted twice: ending at once; what was answered 200 is on disk")
                RelayLogging.flush()
                _exit(130)
            }
            let relay = try Relay(loaded, logger: logger, supervision: supervision) { () throws(ConfigurationError) in
                try options.loaded(isServed: true)
            }
            if let warning = KafkaLibrary.ageWarning { logger.warning("\(warning)") }
            // Cancelled when this scope ends.
            async let _: Void = watch(relay, signals)
            try await relay.run {}
        } catch {
            logger.critical("the relay cannot run: \(error)")
            throw StartFailure.exitCode(for: error)
        }
    }

    private func watch(_ relay: Relay, _ signals: AsyncStream<Signals.Signal>) async {
        for await signal in signals {
            switch signal {
            case .stop: relay.stop()
            case .reload: relay.reloading.perform()
            }
        }
    }
}

extension StartFailure {
    /// 78 for what the operator's configuration decides, 75 for what may pass by itself.
    static func exitCode(for error: any Error) -> ExitCode {
        switch error {
        case OutboxError.inUse: .tryAgain
        case HTTPServerError.lost: .failure
        case is OutboxError, is HTTPServerError, is StartFailure: .configuration
        default: .failure
        }
    }
}
