/// Why a signature that was refused may have been refused: what would have made it match.
///
/// Never makes a delivery genuine, and never tells a secret, a signature or a body: a hint is one word of a closed vocabulary. It costs some
/// two hundred HMACs over the body, so it has no place on the hot path.
package enum SignatureDiagnosis {
    /// What was different from what the contract asks for.
    package enum Hint: String, Sendable, CaseIterable {
        /// The header carries a name before the digest, such as `sha512=` or `v1=`.
        case headerPrefix = "header_prefix"
        /// There is white space around the digest.
        case headerSpace = "header_space"
        /// The digest is in base64 (RFC 4648, section 4 or 5) instead of hexadecimal.
        case base64
        /// HMAC-SHA256 instead of HMAC-SHA512.
        case sha256
        /// The signer's secret is one of ours without the white space around it.
        case secretTrimmed = "secret_trimmed"
        /// The body was signed without the newline at its end.
        case newlineRemoved = "newline_removed"
        /// The body was signed with a newline at its end, which it has lost on its way.
        case newlineAdded = "newline_added"
        /// The body was signed without white space between its tokens.
        case bodyCompact = "body_compact"
        /// The body was signed with a blank behind each comma and colon, as Python writes JSON.
        case bodySpaced = "body_spaced"
        /// The body was signed with its members sorted by name.
        case bodySorted = "body_sorted"
        /// Nothing that was tried matches: another secret, or a body that was changed in another way.
        case noMatch = "no_match"

        /// One sentence for the log.
        package var meaning: String {
            switch self {
            case .headerPrefix: "the header carries a prefix before the digest"
            case .headerSpace: "the header has white space around the digest"
            case .base64: "the digest is base64, not hexadecimal"
            case .sha256: "it is HMAC-SHA256, not HMAC-SHA512"
            case .secretTrimmed: "it matches a configured secret less the white space around it"
            case .newlineRemoved: "the body was signed without the newline at its end"
            case .newlineAdded: "the body was signed with a newline at its end"
            case .bodyCompact: "the body was signed as compact JSON: something on the way writes it anew"
            case .bodySpaced: "the body was signed as JSON with blanks: something on the way writes it anew"
            case .bodySorted: "the body was signed with sorted members: something on the way writes it anew"
            case .noMatch: "nothing that was tried matches: another secret, or a body that was changed on its way"
            }
        }
    }

    /// What would have made the delivery's signature match one of `secrets`, in the order of ``Hint``; empty where it does match, or there is none.
    /// When nothing does, the last is ``Hint/noMatch`` and the ones before it tell what is unusual about the header.
    package static func hints(_ delivery: Delivery, secrets: [[UInt8]]) -> [Hint] {
        guard let header = delivery.signature else { return [] }
        let claims = SignatureClaim.readings(of: header)
        guard let first = claims.first else { return [.noMatch] }
        let bodies = variants(ofBody: delivery.body)
        for key in variants(ofSecrets: secrets) {
            for body in bodies {
                // Each digest is computed once, however many readings the header has.
                for algorithm in [Digest.Algorithm.sha512, .sha256] where claims.contains(where: { $0.algorithm == algorithm }) {
                    let expected = Digest.hmac(algorithm, key: key.bytes, message: body.bytes)
                    for claim in claims
                    where claim.algorithm == algorithm && Digest.equalInConstantTime(claim.digest, expected) {
                        return (claim.hints + key.hints + body.hints).inOrder
                    }
                }
            }
        }
        return first.hints.inOrder + [.noMatch]
    }

    private typealias Variant = (bytes: [UInt8], hints: [Hint])

    private static func variants(ofSecrets secrets: [[UInt8]]) -> [Variant] {
        let trimmed = secrets.map(\.trimmed)
        return secrets.map { ($0, []) } + zip(secrets, trimmed).filter { $0 != $1 && !$1.isEmpty }.map { ($1, [.secretTrimmed]) }
    }

    private static func variants(ofBody body: [UInt8]) -> [Variant] {
        var variants: [Variant] = [(body, [])]
        func add(_ bytes: [UInt8]?, _ hint: Hint) {
            guard let bytes, !variants.contains(where: { $0.bytes == bytes }) else { return }
            variants.append((bytes, [hint]))
        }
        if body.last == 0x0A {
            add(Array(body.dropLast(body.dropLast().last == 0x0D ? 2 : 1)), .newlineRemoved)
        } else {
            add(body + [0x0A], .newlineAdded)
        }
        add(JSONRewriting.rewrite(body, .compact, sorted: false), .bodyCompact)
        add(JSONRewriting.rewrite(body, .spaced, sorted: false), .bodySpaced)
        add(JSONRewriting.rewrite(body, .compact, sorted: true), .bodySorted)
        add(JSONRewriting.rewrite(body, .spaced, sorted: true), .bodySorted)
        return variants
    }
}

extension SignatureVerifier {
    /// Why it refused `delivery`; see ``SignatureDiagnosis``.
    package func hints(for delivery: Delivery) -> [SignatureDiagnosis.Hint] {
        SignatureDiagnosis.hints(delivery, secrets: secrets)
    }
}

extension [SignatureDiagnosis.Hint] {
    fileprivate var inOrder: [SignatureDiagnosis.Hint] { SignatureDiagnosis.Hint.allCases.filter(contains) }
}

extension [UInt8] {
    /// Without the ASCII white space at both ends.
    fileprivate var trimmed: [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else { return [] }
        return Array(self[start...end])
    }
}
