import COpenSSL

/// OpenSSL's digests over whole byte arrays; FIPS 180-4.
package enum Digest {
    /// 20 bytes; used for UUIDv5 only.
    package static func sha1(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { digest, count in
            SHA1(message, message.count, digest.baseAddress)
            count = Int(SHA_DIGEST_LENGTH)
        }
    }

    /// 32 bytes.
    package static func sha256(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            SHA256(message, message.count, digest.baseAddress)
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    /// HMAC (RFC 2104) of `message` under `key` with SHA-512 (64 bytes) or, for diagnosis only, SHA-256 (32 bytes).
    package static func hmac(_ algorithm: Algorithm, key: [UInt8], message: [UInt8]) -> [UInt8] {
        // A null key pointer would make OpenSSL reuse the key before; an empty array has no address of its own.
        let address: [UInt8] = key.isEmpty ? [0] : key
        return [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, count in
            var length: UInt32 = 0
            let made = HMAC(
                algorithm.implementation,
                address,
                Int32(key.count),
                message,
                message.count,
                digest.baseAddress,
                &length
            )
            count = made == nil ? 0 : Int(length)
        }
    }

    /// Whether both hold the same bytes, in a time that depends on their lengths only.
    package static func equalInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
    }

    package enum Algorithm: Sendable {
        case sha256
        case sha512

        fileprivate var implementation: OpaquePointer? {
            switch self {
            case .sha256: EVP_sha256()
            case .sha512: EVP_sha512()
            }
        }
    }
}
