/// Tells Argyle's deliveries from everyone else's: HMAC-SHA512 over the raw body, in hexadecimal of either case.
///
/// Refuses whatever no configured secret signed. Fails closed: without secrets every delivery is refused unless signatures
/// are expressly not required.
package struct SignatureVerifier: Sendable {
    let secrets: [[UInt8]]
    private let required: Bool

    /// - Parameters:
    ///   - secrets: any of them makes a delivery genuine, so that one can be rotated.
    ///   - required: false admits deliveries that carry no signature; a signature that is there must still match.
    package init(secrets: [[UInt8]], required: Bool) {
        self.secrets = secrets
        self.required = required
    }

    package var secretCount: Int { secrets.count }

    package func verify(_ delivery: Delivery) throws(Rejection) -> VerifiedDelivery {
        guard let signature = delivery.signature else {
            guard required else { return VerifiedDelivery(delivery, secret: nil) }
            throw .signatureMissing
        }
        guard let claimed = Hexadecimal.decode(signature), claimed.count == 64 else { throw .signatureMalformed }
        guard let secret = secretMatching(claimed, over: delivery.body) else { throw .signatureMismatch }
        return VerifiedDelivery(delivery, secret: secret)
    }

    /// Tries every secret, matching or not, so that time tells nothing about which one it was.
    private func secretMatching(_ claimed: [UInt8], over body: [UInt8]) -> Int? {
        var match: Int?
        for (position, secret) in secrets.enumerated() {
            let expected = Digest.hmac(.sha512, key: secret, message: body)
            if Digest.equalInConstantTime(expected, claimed) { match = match ?? position }
        }
        return match
    }
}

/// A delivery whose signature matched; only ``SignatureVerifier`` makes one.
package struct VerifiedDelivery: Sendable {
    package let body: [UInt8]
    package let receivedAt: Timestamp
    /// Which of the configured secrets signed it, from 0; nil for an unsigned one where those are admitted.
    package let secret: Int?

    fileprivate init(_ delivery: Delivery, secret: Int?) {
        body = delivery.body
        receivedAt = delivery.receivedAt
        self.secret = secret
    }
}
