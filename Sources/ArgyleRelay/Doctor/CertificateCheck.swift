import RelayConfiguration
import RelayCore
import RelayHTTP

/// Whether the listener's TLS files can be used, and for how long.
enum CertificateCheck {
    static func finding(_ files: RelayConfiguration.TLS, now: Timestamp) -> Finding {
        let check = "http.tls"
        let context: TLSContext
        do throws(TLSError) { context = try TLSContext(server: TLSConfiguration(files)) } catch {
            return .failed(check, "\(ConfigurationFault(error, in: files))", "the relay does not start like this, and takes no reload")
        }
        guard let end = context.end else {
            return .failed(check, "\(files.certificateFile): its end cannot be read", "look at it with openssl x509")
        }
        let (found, advice) = ("\(files.certificateFile) expires at \(end)", "renew it, and reload the relay")
        switch CertificateTerm(until: end, now: now) {
        case .over: return .failed(check, "\(files.certificateFile) has expired at \(end): senders refuse it", advice)
        case .short(let days): return .warning(check, "\(found), in \(days) days", advice)
        case .long(let days): return .ok(check, "\(found), in \(days) days")
        }
    }
}
