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

    /// Fails when a file cannot be read, before anything connects.
    func check() throws(HTTPClientError) {
        for file in [caFile, certificateFile, privateKeyFile] {
            if let file, let reason = Self.unreadable(file) { throw .tls(.cannotRead(file: file, reason: reason)) }
        }
    }

    /// Takes the environment's authorities where none are named. Returns what is wrong with them, which only concerns those who use TLS: other
    /// programs set these variables too.
    mutating func complete(from environment: (String) -> String?) -> HTTPClientError? {
        guard caFile == nil else { return nil }
        for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE"] {
            guard let file = environment(name), !file.isEmpty else { continue }
            caFile = file
            return Self.unreadable(file).map { .tls(.cannotRead(file: file, reason: "\(name) names it; \($0)")) }
        }
        return nil
    }

    private static func unreadable(_ file: String) -> String? {
        access(file, R_OK) == 0 ? nil : String(cString: strerror(errno))
    }
}
