import Logging
import RelayConfiguration
import RelayCore
import RelayHTTP
import RelayMetrics
import Synchronization

extension TLSContext {
    /// When the first certificate of the chain runs out.
    var end: Timestamp? { expiry.map { Timestamp(milliseconds: $0 * 1000) } }
}

/// The listener's certificate over a long life: renewed by reloads, and told of before it ends.
extension Relay {
    /// Loads the files that `new` names; nil where the listener speaks plain HTTP, or will after a restart.
    func loadTLS(_ new: RelayConfiguration) throws(ConfigurationError) -> TLSContext? {
        guard configuration.http.tls != nil, let files = new.http.tls else { return nil }
        do throws(TLSError) { return try TLSContext(server: TLSConfiguration(files)) } catch {
            throw ConfigurationError(faults: [ConfigurationFault(error, in: files)])
        }
    }

    /// Has new connections take it.
    /// - Returns: the settings whose files' content is another.
    func adopt(_ tls: TLSContext?) -> [String] {
        guard let tls else { return [] }
        let new = tls.contents
        let old = ingress.tlsContext?.contents
        ingress.renew(tls)
        certificateWatch.withLock { $0.renewed() }
        return [
            ("http.tls.certificate_file", old?.certificate == new.certificate),
            ("http.tls.private_key_file", old?.privateKey == new.privateKey),
            ("http.tls.client_ca_file", old?.clientCA == new.clientCA),
        ].filter { !$0.1 }.map(\.0)
    }

    /// Warns of a certificate that ends; to be called now and then.
    func lookAtCertificate() {
        guard let end = ingress.tlsContext?.end else { return }
        let (now, uptime) = (time.now(), time.uptime())
        guard let term = certificateWatch.withLock({ $0.look(at: end, now: now, uptime: uptime) }) else { return }
        let file = current.withLock { $0.loaded.configuration.http.tls?.certificateFile } ?? ""
        let metadata: Logger.Metadata = ["file": "\(file)", "expires": "\(end)"]
        switch term {
        case .over: logger.error("the TLS certificate has expired: senders refuse it", metadata: metadata)
        case .short(let days): logger.warning("the TLS certificate expires in \(days) days", metadata: metadata)
        case .long: break
        }
    }

    func registerCertificate() {
        registry.gauge(
            "tls_certificate_expiry_timestamp_seconds",
            "When the first certificate of the listener's chain runs out, in seconds since 1970."
        ) { [weak self] in self?.ingress.tlsContext?.expiry.map(Double.init) }
    }
}
