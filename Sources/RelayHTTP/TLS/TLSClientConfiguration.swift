/// Whom a client trusts, and who it says it is.
/// There is no way to switch verification off: trust a private CA by its file instead.
package struct TLSClientConfiguration: Sendable, Equatable {
    /// PEM file of trusted CAs; `nil` trusts the system's.
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
}
