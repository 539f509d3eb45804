/// Why a signature that was refused may have been refused: what would have made it match.
///
/// Never makes a delivery genuine, and never tells a secret, a signature or a body: a hint is one word of a closed vocabulary. It costs up
/// to some eighty HMACs over the body for each secret, so it has no place on the hot path.
package enum SignatureDiagnosis {
    /// What would have made the delivery's signature match one of `secrets`, in the order of ``Hint``; empty where it does match, or there is none.
    /// When nothing does, the last is ``Hint/noMatch`` and the ones before it tell what is unusual about the header.
    package static func hints(_ delivery: Delivery, secrets: [[UInt8]]) -> [Hint] {
        guard let header = delivery.signature else { return [] }
        let claims = SignatureClaim.readings(of: header)
        guard let first = claims.first else { return [.noMatch] }
        let bodies = SignedBody.variants(of: delivery.body)
        for key in SignedSecret.variants(of: secrets) {
            // A secret that the signer has more of is tried on the body as it stands: two such accidents at once are not worth the hashing.
            for body in key.isLonger ? bodies.prefix(1) : bodies[...] {
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
