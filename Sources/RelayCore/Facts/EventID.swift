/// The identity of a fact: a UUIDv5 (RFC 9562, section 5.5) that anyone can recompute from what the fact says.
package struct EventID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first and the last 8 bytes, read in network order: an id is copied and compared without touching the heap.
    private let high: UInt64
    private let low: UInt64

    /// Nil unless there are 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(first16: bytes)
    }

    private init(first16 bytes: some Collection<UInt8>) {
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Nil unless `text` is a UUID in its usual form, of either case.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hexadecimal.decode(parts.joined()) else { return nil }
        self.init(bytes: bytes)
    }

    /// 16 bytes, in network order.
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// Lends the 16 bytes, in network order.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    /// In the order of their bytes.
    package static func < (left: EventID, right: EventID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    /// UUIDv5 of `name` in the namespace that section 5 of the contract fixes:
    /// UUIDv5(URL namespace, `https://api.argyle.com/v2/webhooks`).
    package init(naming name: [UInt8]) {
        self.init(namespace: Self.namespace, name: name)
    }

    private init(namespace: [UInt8], name: [UInt8]) {
        var bytes = Array(Digest.sha1(namespace + name).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.init(first16: bytes)
    }

    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        withBytes { bytes in
            for (position, byte) in bytes.enumerated() {
                if position == 4 || position == 6 || position == 8 || position == 10 { text.append(0x2D) }
                Hexadecimal.append(byte, to: &text)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// 6ba7b811-9dad-11d1-80b4-00c04fd430c8, RFC 9562, section 6.6.
    private static let urlNamespace: [UInt8] = [
        0x6B, 0xA7, 0xB8, 0x11, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
    ]

    private static let namespace = EventID(
        namespace: urlNamespace,
        name: Array("https://api.argyle.com/v2/webhooks".utf8)
    ).bytes
}
