/// A network of IPv4 or IPv6 addresses (RFC 4632, RFC 4291 2.3); a plain address is a network of one.
///
/// It refuses a prefix longer than the address and bits set beyond the prefix, since `10.0.0.1/8` may mean `10.0.0.1` or `10.0.0.0/8`.
package struct CIDR: Sendable, Hashable {
    package let network: IPAddress
    /// How many leading bits count: 0 to 32, or 0 to 128.
    package let prefix: Int

    /// Why a text is not a network; `hint` is the network that was probably meant.
    package struct Malformed: Error, Equatable {
        package let hint: String?
    }

    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let written = IPAddress.parse(String(first)), let address = IPAddress(bytes: written) else {
            throw Malformed(hint: nil)
        }
        guard parts.count == 2 else {
            network = address
            prefix = address.bytes.count * 8
            return
        }
        let digits = parts[1]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(digits) else {
            throw Malformed(hint: nil)
        }
        // A mapped network loses its 96 leading bits together with its prefix.
        let length = written.count == address.bytes.count ? bits : bits - 96
        guard (0...address.bytes.count * 8).contains(length) else { throw Malformed(hint: nil) }
        let masked = Self.mask(address.bytes, to: length)
        guard let base = IPAddress(bytes: masked), masked == address.bytes else {
            throw Malformed(hint: IPAddress(bytes: masked).map { "\($0)/\(length)" })
        }
        network = base
        prefix = length
    }

    /// Whether an address of 4 or 16 bytes belongs to the network; an IPv4-mapped one counts as IPv4, any other length never belongs.
    package func contains(_ addressBytes: [UInt8]) -> Bool {
        let skipped = IPAddress.isMapped(addressBytes) ? 12 : 0
        guard addressBytes.count - skipped == network.bytes.count else { return false }
        var remaining = prefix
        for (index, expected) in network.bytes.enumerated() where remaining > 0 {
            let mask: UInt8 = remaining >= 8 ? 0xff : ~(0xff >> UInt8(remaining))
            if addressBytes[skipped + index] & mask != expected { return false }
            remaining -= 8
        }
        return true
    }

    private static func mask(_ bytes: [UInt8], to length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(length - index * 8, 0), 8)
            return kept == 8 ? byte : byte & ~(0xff >> UInt8(kept))
        }
    }
}

extension CIDR: CustomStringConvertible {
    package var description: String {
        prefix == network.bytes.count * 8 ? network.description : "\(network)/\(prefix)"
    }
}
