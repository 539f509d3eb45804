import RelayCore

/// With what a subscription signs, as Argyle's API tells it, which shows secrets in clear.
///
/// It refuses to be printed, reflected or encoded: all it gives away is whether it is one of those that somebody has already.
package struct SigningSecret: Sendable {
    private enum Kind: Sendable {
        case secret([UInt8])
        case nothing
        case untold
    }

    private let kind: Kind

    /// The API did not say.
    package static let untold = SigningSecret(kind: .untold)
    /// Deliveries bear no signature.
    package static let nothing = SigningSecret(kind: .nothing)

    private init(kind: Kind) { self.kind = kind }

    /// An empty secret is none.
    package init(_ text: String) { kind = text.isEmpty ? .nothing : .secret(Array(text.utf8)) }

    package var isUntold: Bool { if case .untold = kind { true } else { false } }
    package var isNothing: Bool { if case .nothing = kind { true } else { false } }

    /// Where it stands among `secrets`; nil where it is none of them, or not known. Every one is compared, by digests of one length, so that time
    /// tells neither which one it is nor how long.
    package func position(among secrets: [[UInt8]]) -> Int? {
        guard case .secret(let bytes) = kind else { return nil }
        let own = Digest.sha256(bytes)
        var position: Int?
        for (index, secret) in secrets.enumerated() where Digest.equalInConstantTime(own, Digest.sha256(secret)) {
            position = position ?? index
        }
        return position
    }
}

extension SigningSecret: Equatable {
    package static func == (one: SigningSecret, other: SigningSecret) -> Bool {
        switch (one.kind, other.kind) {
        case (.secret, .secret(let bytes)): one.position(among: [bytes]) != nil
        case (.nothing, .nothing), (.untold, .untold): true
        default: false
        }
    }
}

extension SigningSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
