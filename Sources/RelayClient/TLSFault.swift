/// What was wrong with TLS: one of our files, the server's certificate, or the handshake.
/// Says what helps; holds no key material.
package enum TLSFault: Sendable, Equatable, CustomStringConvertible {
    case cannotRead(file: String, reason: String)
    case unusable(file: String, reason: String)
    /// Signed by nobody whom this machine trusts.
    case untrusted(host: String, reason: String)
    case expired(host: String)
    case notYetValid(host: String)
    case wrongName(host: String)
    case handshakeFailed(host: String, reason: String)

    package var description: String {
        switch self {
        case .cannotRead(let file, let reason):
            "\(file) cannot be read: \(reason); check the path and that this user may read it"
        case .unusable(let file, let reason):
            "\(file) cannot be used for TLS: \(reason); it must be PEM"
        case .untrusted(let host, let reason):
            "nobody whom this machine trusts has signed the certificate of \(host) (\(reason)): if it is the right one, name its CA's PEM file in "
                + "SSL_CERT_FILE"
        case .expired(let host): "the certificate of \(host) has expired: have it renewed, or set this machine's clock"
        case .notYetValid(let host): "the certificate of \(host) is not valid yet: set this machine's clock"
        case .wrongName(let host): "the certificate that \(host) shows is for another name: check the address, and who answers there"
        case .handshakeFailed(let host, let reason): "TLS with \(host) fails: \(reason)"
        }
    }
}

extension TLSFault {
    /// Words OpenSSL's verdict on a certificate (x509_vfy.h); `nil` for one that is none: 1 is what libcurl
    /// begins with.
    init?(verdict: Int, host: String) {
        switch verdict {
        case 0, 1: return nil
        case 9: self = .notYetValid(host: host)
        case 10: self = .expired(host: host)
        case 62, 64: self = .wrongName(host: host)
        case 2, 20: self = .untrusted(host: host, reason: "its CA is not known here")
        case 18: self = .untrusted(host: host, reason: "it is self-signed")
        case 19: self = .untrusted(host: host, reason: "its root is not known here")
        case 21: self = .untrusted(host: host, reason: "it comes without its CA")
        case 23: self = .untrusted(host: host, reason: "it is revoked")
        default: self = .untrusted(host: host, reason: "OpenSSL's error \(verdict)")
        }
    }
}
