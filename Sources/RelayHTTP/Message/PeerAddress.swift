import Glibc
package import NIOCore

/// The IP address at the far end of a connection, without its port.
/// An IPv4 address that reached an IPv6 socket (`::ffff:a.b.c.d`, RFC 4291 2.5.5.2) is folded to IPv4, so that one host has one spelling.
package struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64
    package let isIPv4: Bool

    /// Takes the 4 or 16 bytes of an address in network order; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4:
            self.init(high: 0, low: bytes.reduce(0) { $0 << 8 | UInt64($1) }, isIPv4: true)
        case 16:
            let high = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = bytes.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if high == 0, low >> 32 == 0xffff {
                self.init(high: 0, low: low & 0xffff_ffff, isIPv4: true)
            } else {
                self.init(high: high, low: low, isIPv4: false)
            }
        default:
            return nil
        }
    }

    /// Reads dotted IPv4 or RFC 5952 / RFC 4291 IPv6 text; `nil` for host names, ports, zones and brackets.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: &four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(bytes: withUnsafeBytes(of: &six) { Array($0) })
        } else {
            return nil
        }
    }

    /// `nil` for sockets that have no IP address (Unix domain sockets).
    package init?(_ address: SocketAddress) {
        // struct sockaddr_in holds its address at byte 4, sockaddr_in6 at byte 8.
        let (offset, count) =
            switch address {
            case .v4: (4, 4)
            case .v6: (8, 16)
            case .unixDomainSocket: (0, 0)
            }
        let bytes = address.withSockAddr { pointer, _ in
            [UInt8](UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer) + offset, count: count))
        }
        self.init(bytes: bytes)
    }

    private init(high: UInt64, low: UInt64, isIPv4: Bool) {
        self.high = high
        self.low = low
        self.isIPv4 = isIPv4
    }

    /// 4 bytes for IPv4, 16 for IPv6, in network order.
    package var bytes: [UInt8] {
        let tail = (0..<8).map { UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * $0)) }
        if isIPv4 { return Array(tail[4...]) }
        return (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) } + tail
    }

    package var description: String {
        if isIPv4 {
            return "\(low >> 24 & 0xff).\(low >> 16 & 0xff).\(low >> 8 & 0xff).\(low & 0xff)"
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes { inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN)) }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
