/// What went wrong with TLS: a file at the start, a handshake or a record later.
/// Its text comes from OpenSSL's reasons and file names; neither holds key material.
package enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotRead(file: String, reason: String)
    case notPEM(file: String, expected: String)
    case keyDoesNotMatch(keyFile: String, certificateFile: String)
    case encryptedKey(file: String)
    case unusable(file: String, reason: String)
    case verificationFailed(reason: String)
    case handshakeFailed(reason: String)
    case internalFailure(reason: String)

    package var description: String {
        switch self {
        case .cannotRead(let file, let reason):
            "\(file) cannot be read: \(reason); check the path and that this user may read it"
        case .notPEM(let file, let expected):
            "\(file) holds no \(expected) in PEM form; it must have a line that begins with -----BEGIN"
        case .keyDoesNotMatch(let keyFile, let certificateFile):
            "the key in \(keyFile) does not belong to the first certificate in \(certificateFile); put the server's certificate first"
        case .encryptedKey(let file):
            "the key in \(file) is encrypted; decrypt it with `openssl pkey -in \(file) -out KEY` and restrict its file mode"
        case .unusable(let file, let reason):
            "\(file) cannot be used: \(reason)"
        case .verificationFailed(let reason):
            "the peer's certificate was not accepted: \(reason)"
        case .handshakeFailed(let reason):
            "TLS handshake failed: \(reason)"
        case .internalFailure(let reason):
            "TLS failed: \(reason)"
        }
    }
}
