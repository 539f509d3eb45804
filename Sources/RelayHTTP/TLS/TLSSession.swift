import COpenSSL
import NIOCore

/// One TLS connection without a socket: ciphertext goes in and out by memory, plaintext by the other side.
/// It belongs to one event loop; every failure is a `TLSError`, and OpenSSL's error queue is empty before each call so that none is another's.
final class TLSSession {
    enum ReadOutcome {
        /// The buffer is full; there may be more.
        case filled
        case needsMore
        /// The peer closed its side properly (close_notify).
        case closed
    }

    private let ssl: OpaquePointer
    private let context: TLSContext
    // Both owned by `ssl`. Their memory is as large as the most that ever lay in them at once: they are given little at a time.
    private var incoming: OpaquePointer
    private var outgoing: OpaquePointer

    /// The largest plaintext of a record (RFC 8446 5.1), and the most that is handed over at once on either side.
    static let piece = 16 << 10

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

    /// Bytes of ciphertext that OpenSSL has memory for, in both directions.
    var heldBytes: Int { relay_bio_memory(incoming) + relay_bio_memory(outgoing) }

    /// Lets the memory go that the handshake needed, above all for certificates: a session that waits holds little.
    func releaseHandshakeMemory() {
        if BIO_ctrl_pending(incoming) == 0, let fresh = BIO_new(BIO_s_mem()) {
            SSL_set0_rbio(ssl, fresh)
            incoming = fresh
        }
        if BIO_ctrl_pending(outgoing) == 0, let fresh = BIO_new(BIO_s_mem()) {
            SSL_set0_wbio(ssl, fresh)
            outgoing = fresh
        }
    }

    /// Takes in what arrived from the peer, a ``piece`` at most.
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

    /// Fills `buffer` with the plaintext that is there, without making it larger.
    func read(into buffer: inout ByteBuffer) throws(TLSError) -> ReadOutcome {
        while buffer.writableBytes > 0 {
            ERR_clear_error()
            var count: Int32 = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { space in
                count = SSL_read(ssl, space.baseAddress, Int32(clamping: space.count))
                return max(0, Int(count))
            }
            if count > 0 { continue }
            switch SSL_get_error(ssl, count) {
            case SSL_ERROR_WANT_READ: return .needsMore
            case SSL_ERROR_ZERO_RETURN: return .closed
            default: throw TLSError.failure(of: ssl)
            }
        }
        return .filled
    }

    /// Encrypts all of `plaintext`; memory takes whatever it is given, so there is no partial write.
    func encrypt(_ plaintext: ByteBuffer, _ allocator: ByteBufferAllocator) throws(TLSError) -> ByteBuffer {
        // Header, nonce and tag of each record.
        var ciphertext = allocator.buffer(capacity: plaintext.readableBytes + 64 * (1 + plaintext.readableBytes / Self.piece))
        var rest = plaintext
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.piece)), piece.readableBytes > 0 {
            ERR_clear_error()
            var written = 0
            let isWritten = piece.withUnsafeReadableBytes { SSL_write_ex(ssl, $0.baseAddress, $0.count, &written) == 1 }
            guard isWritten else { throw TLSError.failure(of: ssl) }
            takeCiphertext(into: &ciphertext)
        }
        return ciphertext
    }

    /// Puts the closing alert into the ciphertext (RFC 8446 6.1).
    func closeOutput() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// The ciphertext to be sent, `nil` without any.
    func takeCiphertext(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard BIO_ctrl_pending(outgoing) > 0 else { return nil }
        var buffer = allocator.buffer(capacity: BIO_ctrl_pending(outgoing))
        takeCiphertext(into: &buffer)
        return buffer
    }

    private func takeCiphertext(into buffer: inout ByteBuffer) {
        let pending = BIO_ctrl_pending(outgoing)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { space in
            max(0, Int(BIO_read(outgoing, space.baseAddress, Int32(clamping: pending))))
        }
    }
}
