import COpenSSL

/// A value that must never be seen: a signing secret, a token, an API key.
///
/// It refuses to be printed, interpolated, reflected or encoded; its bytes leave only through the functions named for that.
package struct Secret: Sendable {
    private let bytes: [UInt8]

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var count: Int { bytes.count }

    /// Lends the bytes for the time of the call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }

    /// A copy of the bytes, for an interface that wants to own them.
    package func reveal() -> [UInt8] {
        bytes
    }

    /// The secret as text, for an interface that takes only text, such as an `Authorization` header.
    package func revealText() -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Compares in a time that depends on the length alone, never on where the bytes differ.
    package func matches(_ candidate: some Collection<UInt8>) -> Bool {
        let other = Array(candidate)
        guard other.count == bytes.count else { return false }
        return CRYPTO_memcmp(bytes, other, bytes.count) == 0
    }
}

extension Secret: Equatable {
    package static func == (left: Secret, right: Secret) -> Bool {
        left.matches(right.bytes)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands for a secret wherever one would be shown.
    package static let redaction = "<redacted>"

    package var description: String { Self.redaction }
    package var debugDescription: String { Self.redaction }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
