import Glibc

/// Whom a client trusts, and who it says it is.
/// There is no way to switch verification off: trust a private CA by its file instead.
package struct TLSClientConfiguration: Sendable, Equatable {
    /// PEM file of trusted CAs; `nil` trusts those of the file that `CURL_CA_BUNDLE` or else `SSL_CERT_FILE` names, or the platform's.
    package var caFile: String?
    /// The client's own certificate and its intermediates, for servers that ask for one.
    package var certificateFile: String?
    /// Its private key; `nil` when the certificate's file holds it too.
    package var privateKeyFile: String?

    package init(caFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
    }

    /// The same with the environment's authorities where none are named; fails when a file cannot be read, before anything connects.
    func resolved(environment: (String) -> String?) throws(HTTPClientError) -> TLSClientConfiguration {
        var resolved = self
        var variable: String?
        for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE"] where resolved.caFile == nil {
            if let file = environment(name), !file.isEmpty { (resolved.caFile, variable) = (file, name) }
        }
        for file in [resolved.caFile, certificateFile, privateKeyFile] {
            guard let file, access(file, R_OK) != 0 else { continue }
            let reason = String(cString: strerror(errno))
            let source = file == resolved.caFile ? variable.map { "\($0) names it; " } ?? "" : ""
            throw .tls(.cannotRead(file: file, reason: "\(source)\(reason)"))
        }
        return resolved
    }
}
