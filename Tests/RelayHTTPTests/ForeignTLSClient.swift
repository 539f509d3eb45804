import COpenSSL
import NIOCore

/// A TLS client without a socket, by OpenSSL alone: what a peer does that trusts anybody. Its bytes go by memory, in and out.
final class ForeignTLSClient {
    struct CannotBegin: Error {}

    private let ssl: OpaquePointer
    // Both owned by `ssl`.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    init() throws {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw CannotBegin() }
        // The session keeps it.
        defer { SSL_CTX_free(context) }
        guard let ssl = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            throw CannotBegin()
        }
        SSL_set_bio(ssl, incoming, outgoing)
        SSL_set_connect_state(ssl)
        (self.ssl, self.incoming, self.outgoing) = (ssl, incoming, outgoing)
    }

    deinit { SSL_free(ssl) }

    /// Whether the handshake is complete; otherwise more must arrive.
    func shakesHands() -> Bool { SSL_do_handshake(ssl) == 1 }

    func receive(_ ciphertext: ByteBuffer) {
        ciphertext.withUnsafeReadableBytes { bytes in _ = BIO_write(incoming, bytes.baseAddress, Int32(bytes.count)) }
    }

    /// What is to be sent, nil without any.
    func takeCiphertext() -> ByteBuffer? {
        let pending = BIO_ctrl_pending(outgoing)
        guard pending > 0 else { return nil }
        var buffer = ByteBuffer()
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { Int(BIO_read(outgoing, $0.baseAddress, Int32(pending))) }
        return buffer
    }

    func encrypt(_ plaintext: ByteBuffer) -> ByteBuffer? {
        var written = 0
        let isWritten = plaintext.withUnsafeReadableBytes { SSL_write_ex(ssl, $0.baseAddress, $0.count, &written) == 1 }
        return isWritten ? takeCiphertext() : nil
    }

    /// Puts the closing alert among what is to be sent (RFC 8446 6.1).
    func closeOutput() { _ = SSL_shutdown(ssl) }
}
