import Logging
import RelayConfiguration
import RelayHTTP
import RelayIngress
import RelayOutbox
import RelayPublisher
import Synchronization

/// What a reload did.
enum ReloadOutcome: Sendable {
    /// `changed` took effect; `restart` needs a restart to.
    case adopted(changed: [String], restart: [String], fingerprint: String)
    /// The old configuration goes on; one line a fault.
    case refused([String])
}

/// The configuration that is in force, with its fingerprint: that one is dear, so it is made once.
struct ConfigurationInForce: Sendable {
    let loaded: LoadedConfiguration
    let fingerprint: String

    init(_ loaded: LoadedConfiguration) {
        self.loaded = loaded
        fingerprint = loaded.fingerprint()
    }
}

extension Relay {
    /// Reads the configuration again and takes it whole or not at all; requests that are being answered are untouched.
    ///
    /// - Parameter load: reads every source, as at the start.
    func reload(_ load: Reloading.Load) -> ReloadOutcome {
        let loaded: LoadedConfiguration
        let tls: TLSContext?
        do throws(ConfigurationError) {
            loaded = try load()
            tls = try loadTLS(loaded.configuration)
        } catch {
            for fault in error.faults { logger.error("the configuration was not reloaded: \(fault)") }
            return .refused(error.faults.map(\.description))
        }
        // Loading holds the token against the address in the file; what is listened on is still the one of the start.
        if loaded.configuration.admin.token == nil, let address = configuration.admin.exposedAddress(supervision.sockets) {
            let fault = "admin.token: found none; allowed: a token until a restart, since the relay listens on \(address)"
            logger.error("the configuration was not reloaded: \(fault)")
            return .refused([fault])
        }
        let outcome = current.withLock { current in
            let new = loaded.configuration
            let old = current.loaded.configuration
            var changed = RelayConfiguration.reloadKeys(changedFrom: old, to: new, startedWith: configuration)
            let restart = RelayConfiguration.restartKeys(changedFrom: configuration, to: new)
            adopt(new)
            changed += adopt(tls).filter { !changed.contains($0) }
            current = ConfigurationInForce(loaded)
            return ReloadOutcome.adopted(changed: changed, restart: restart, fingerprint: current.fingerprint)
        }
        announce(outcome, warnings: loaded.warnings)
        return outcome
    }

    private func adopt(_ new: RelayConfiguration) {
        route.adopt(new.ingressPolicy)
        lossAlarm?.adopt(OwnSubscriptions(new, path: configuration.http.path))
        ingress.setRequestTimeout(new.http.requestTimeout)
        outbox.setAnswerTimeout(new.http.answerTimeout)
        ingress.setIdleTimeout(new.http.idleTimeout)
        publisher.setRetry(new.retryBounds)
        adminToken.adopt(new.admin.token)
        RelayLogging.setLevel(new.log.level)
        do throws(OutboxError) { try outbox.setLimits(new.outboxLimits) } catch {
            logger.warning("the outbox is closing and takes no new limits")
        }
    }

    private func announce(_ outcome: ReloadOutcome, warnings: [String]) {
        guard case .adopted(let changed, let restart, let fingerprint) = outcome else { return }
        for warning in warnings { logger.warning("\(warning)") }
        logger.notice(
            "configuration reloaded",
            metadata: ["changed": "\(changed.joined(separator: ","))", "fingerprint": "\(fingerprint)"]
        )
        if !restart.isEmpty {
            logger.warning("some settings take effect only after a restart", metadata: ["keys": "\(restart.joined(separator: ","))"])
        }
    }

    /// The configuration's fingerprint, as `config check` prints it.
    var fingerprint: String { current.withLock { $0.fingerprint } }
}
