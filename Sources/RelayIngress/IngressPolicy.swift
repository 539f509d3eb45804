package import RelayCore

/// What may change while the ingress runs: whose signature counts, who may deliver, what is accepted, how much is read.
package struct IngressPolicy: Sendable {
    package var verifier: SignatureVerifier
    package var filter: EventFilter
    package var access: AccessPolicy
    /// Bytes.
    package var maxBody: Int

    package init(verifier: SignatureVerifier, filter: EventFilter, access: AccessPolicy, maxBody: Int) {
        self.verifier = verifier
        self.filter = filter
        self.access = access
        self.maxBody = maxBody
    }
}
