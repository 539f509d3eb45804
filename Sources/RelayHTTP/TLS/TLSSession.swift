import COpenSSL
import NIOCore

/// One TLS connection without a socket: ciphertext goes in and out by memory, plaintext by the other side.
/// It belongs to one event loop; every failure is a `TLSError`, and OpenSSL's error queue is empty before each call so that none is another's.
final class TLSSession {
    enum ReadOutcome {
        case data
        case needsMore
        /// The peer closed its side properly (close_notify).
        case closed
    }

    private let ssl: OpaquePointer
    private let context: TLSContext
    // Both owned by `ssl`.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    init(context: TLSContext) throws(TLSError) {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { throw .internalFailure(reason: TLSError.takeReason()) }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw .internalFailure(reason: TLSError.takeReason())
        }
        SSL_set_bio(ssl, incoming, outgoing)
        self.ssl = ssl
        self.context = context
        self.incoming = incoming
        self.outgoing = outgoing
        SSL_set_accept_state(ssl)
    }

    deinit {
        SSL_free(ssl)
    }

    /// Takes in what arrived from the peer.
    func receive(_ ciphertext: ByteBuffer) throws(TLSError) {
        let isTaken = ciphertext.withUnsafeReadableBytes { bytes in
            bytes.isEmpty || BIO_write(incoming, bytes.baseAddress, Int32(clamping: bytes.count)) == bytes.count
        }
        guard isTaken else { throw .internalFailure(reason: "out of memory") }
    }

    /// Whether the handshake is complete; otherwise more must arrive. Either way there may be ciphertext to send.
    func handshake() throws(TLSError) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return true }
        guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw TLSError.failure(of: ssl) }
        return false
    }

    /// Appends all plaintext that is there to `buffer`.
    func read(into buffer: inout ByteBuffer) throws(TLSError) -> ReadOutcome {
        while true {
            ERR_clear_error()
            var count: Int32 = 0
            // A record holds at most 16 KiB.
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 16 << 10) { space in
                count = SSL_read(ssl, space.baseAddress, Int32(clamping: space.count))
                return max(0, Int(count))
            }
            if count > 0 { continue }
            switch SSL_get_error(ssl, count) {
            case SSL_ERROR_WANT_READ: return buffer.readableBytes > 0 ? .data : .needsMore
            case SSL_ERROR_ZERO_RETURN: return .closed
            default: throw TLSError.failure(of: ssl)
            }
        }
    }

    /// Encrypts all of `plaintext`; memory takes whatever it is given, so there is no partial write.
    func write(_ plaintext: ByteBuffer) throws(TLSError) {
        ERR_clear_error()
        var written = 0
        let isWritten = plaintext.withUnsafeReadableBytes { bytes in
            bytes.isEmpty || SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &written) == 1
        }
        guard isWritten else { throw TLSError.failure(of: ssl) }
    }

    /// Puts the closing alert into the ciphertext (RFC 8446 6.1).
    func closeOutput() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// The ciphertext to be sent, `nil` without any.
    func takeCiphertext(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
        let pending = BIO_ctrl_pending(outgoing)
        guard pending > 0 else { return nil }
        var buffer = allocator.buffer(capacity: pending)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { space in
            max(0, Int(BIO_read(outgoing, space.baseAddress, Int32(clamping: pending))))
        }
        return buffer
    }
}
