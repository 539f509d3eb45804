import COpenSSL
import Glibc

/// What all TLS connections of one listener share: certificate, key, trusted CAs and the floor of TLS 1.2.
/// It exists only when every file could be read and the key belongs to the certificate, and holds what was in the files then.
package final class TLSContext: @unchecked Sendable {
    // Unchecked: an SSL_CTX is not changed after this class's init and OpenSSL counts its references atomically (SSL_new is thread-safe).
    let pointer: OpaquePointer
    package let contents: TLSFileContents

    private init(contents: TLSFileContents) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw .internalFailure(reason: TLSError.takeReason()) }
        self.pointer = pointer
        self.contents = contents
        guard relay_ssl_ctx_harden(pointer) == 1 else { throw .internalFailure(reason: TLSError.takeReason()) }
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    package convenience init(server configuration: TLSConfiguration) throws(TLSError) {
        try self.init(contents: TLSFileContents(configuration))
        try useCertificate(file: configuration.certificateFile, keyFile: configuration.privateKeyFile)
        relay_ssl_ctx_select_http11(pointer)
        guard let authorities = configuration.clientCAFile else { return }
        try trust(file: authorities)
        let names = SSL_load_client_CA_file(authorities)
        // A list of revoked certificates alone would let nobody in.
        guard relay_ssl_name_count(names) > 0 else { throw .notPEM(file: authorities, expected: "CA certificate") }
        SSL_CTX_set_client_CA_list(pointer, names)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    private func useCertificate(file: String, keyFile: String) throws(TLSError) {
        try Self.checkReadable(file)
        try Self.checkReadable(keyFile)
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(pointer, file) == 1 else {
            let reason = TLSError.takeReason()
            throw TLSError.isAbsence(reason) ? .notPEM(file: file, expected: "certificate") : .unusable(file: file, reason: reason)
        }
        try useKey(file: keyFile, certificateFile: file)
    }

    private func useKey(file: String, certificateFile: String) throws(TLSError) {
        var wasAsked: Int32 = 0
        let isLoaded = withUnsafeMutablePointer(to: &wasAsked) { asked in
            relay_ssl_ctx_refuse_passphrase(pointer, asked)
            defer { relay_ssl_ctx_refuse_passphrase(pointer, nil) }
            return SSL_CTX_use_PrivateKey_file(pointer, file, SSL_FILETYPE_PEM) == 1
        }
        if isLoaded, SSL_CTX_check_private_key(pointer) == 1 { return }
        let reason = TLSError.takeReason()
        if wasAsked != 0 { throw .encryptedKey(file: file) }
        if isLoaded || reason.hasPrefix("key ") { throw .keyDoesNotMatch(keyFile: file, certificateFile: certificateFile) }
        throw TLSError.isAbsence(reason) ? .notPEM(file: file, expected: "private key") : .unusable(file: file, reason: reason)
    }

    private func trust(file: String) throws(TLSError) {
        try Self.checkReadable(file)
        ERR_clear_error()
        guard SSL_CTX_load_verify_file(pointer, file) == 1 else {
            let reason = TLSError.takeReason()
            throw TLSError.isAbsence(reason) || reason == "no certificate or crl found"
                ? .notPEM(file: file, expected: "CA certificate") : .unusable(file: file, reason: reason)
        }
    }

    private static func checkReadable(_ file: String) throws(TLSError) {
        guard access(file, R_OK) != 0 else { return }
        throw .cannotRead(file: file, reason: String(cString: strerror(errno)))
    }
}
