/// One request as it came off the wire: nothing about it is believed yet.
package struct Delivery: Sendable {
    /// The raw bytes that the signature covers.
    package let body: [UInt8]
    /// The value of `X-Argyle-Signature`, if there was one.
    package let signature: String?
    package let receivedAt: Timestamp

    package init(body: [UInt8], signature: String?, receivedAt: Timestamp) {
        self.body = body
        self.signature = signature
        self.receivedAt = receivedAt
    }
}

/// The HTTP header that carries the signature.
package let signatureHeader = "X-Argyle-Signature"
