import Glibc

/// An IPv4 or IPv6 address in network byte order.
///
/// An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is folded into the IPv4 address it carries, so that one peer has one address
/// whatever socket it came through. Zone identifiers, leading zeros and shortened IPv4 forms are refused.
package struct IPAddress: Sendable, Hashable {
    /// 4 bytes or 16.
    package let bytes: [UInt8]

    /// `nil` unless there are 4 or 16 bytes.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16: self.bytes = Self.isMapped(bytes) ? Array(bytes[12...]) : bytes
        default: return nil
        }
    }

    package init?(_ text: String) {
        guard let bytes = Self.parse(text) else { return nil }
        self.init(bytes: bytes)
    }

    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Whether a listener on it takes every interface (`0.0.0.0` or `::`).
    package var isUnspecified: Bool {
        bytes.allSatisfy { $0 == 0 }
    }

    /// The address as written, before an IPv4-mapped one is folded.
    static func parse(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        let family = text.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    static func isMapped(_ bytes: [UInt8]) -> Bool {
        bytes.count == 16 && bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
