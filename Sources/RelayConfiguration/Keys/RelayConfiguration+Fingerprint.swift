import COpenSSL

extension RelayConfiguration {
    /// 64 hex digits that two configurations share when every effective value is the same, wherever it came from.
    ///
    /// PBKDF2-HMAC-SHA256 (RFC 8018, 5.2) whose salt is the SHA-256 of all that is open and whose password is all that is secret: a fingerprint in a
    /// log must not let anyone try out short secrets cheaply, which a plain digest would. Costs tens of milliseconds.
    package func fingerprint() -> String {
        var open: [UInt8] = []
        var hidden: [UInt8] = []
        for key in ConfigurationKey.all {
            Self.append(Array(key.name.utf8), to: &open)
            let texts: [String] =
                switch key.show(self) {
                case .none: []
                case .text(let text): [text]
                case .list(let entries): entries
                }
            let secrets = key.hidden(self)
            Self.append(count: texts.count, to: &open)
            texts.forEach { Self.append(Array($0.utf8), to: &open) }
            Self.append(count: secrets.count, to: &hidden)
            secrets.forEach { Self.append($0, to: &hidden) }
        }
        var salt = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        var digest = salt
        SHA256(open, open.count, &salt)
        let password = hidden.map(CChar.init(bitPattern:))
        let done = PKCS5_PBKDF2_HMAC(
            password,
            Int32(clamping: password.count),
            salt,
            Int32(salt.count),
            Self.fingerprintRounds,
            EVP_sha256(),
            Int32(digest.count),
            &digest
        )
        guard done == 1 else { return Self.noFingerprint }
        return digest.map { byte in
            let hex = String(byte, radix: 16)
            return byte < 16 ? "0" + hex : hex
        }.joined()
    }

    /// What stands in for the digits where the system's OpenSSL refuses the function.
    private static let noFingerprint = "unavailable"
    private static let fingerprintRounds: Int32 = 100_000

    /// With its length in front, so that no two lists of values look the same.
    private static func append(_ bytes: [UInt8], to buffer: inout [UInt8]) {
        append(count: bytes.count, to: &buffer)
        buffer += bytes
    }

    private static func append(count: Int, to buffer: inout [UInt8]) {
        withUnsafeBytes(of: UInt64(count).bigEndian) { buffer += $0 }
    }
}

extension LoadedConfiguration {
    /// See `RelayConfiguration.fingerprint()`.
    package func fingerprint() -> String { configuration.fingerprint() }
}
