/// The PEM files of a listener that speaks TLS (1.2 or later, RFC 8996).
/// With a client CA file every client must present a certificate that it signed.
package struct TLSConfiguration: Sendable, Equatable {
    /// The server's certificate, followed by the intermediates up to the root.
    package var certificateFile: String
    /// Its private key, unencrypted.
    package var privateKeyFile: String
    package var clientCAFile: String?

    package init(certificateFile: String, privateKeyFile: String, clientCAFile: String? = nil) {
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.clientCAFile = clientCAFile
    }
}
