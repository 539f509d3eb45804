/// One line of `access.allow`: a network, or the word that stands for the addresses Argyle delivers from.
package enum AccessRule: Sendable, Hashable {
    case argyle
    case network(CIDR)

    /// The word in the configuration.
    package static let argyleWord = "argyle"

    /// The addresses that Argyle's documentation names as the senders of its webhooks.
    package static let argyleAddresses: [[UInt8]] = [
        [34, 27, 251, 226], [34, 122, 50, 253], [35, 188, 163, 115], [35, 226, 53, 251],
    ]

    /// Whether an address of 4 or 16 bytes may deliver; an IPv4-mapped one counts as IPv4.
    package func contains(_ addressBytes: [UInt8]) -> Bool {
        switch self {
        case .argyle: IPAddress(bytes: addressBytes).map { Self.argyleAddresses.contains($0.bytes) } ?? false
        case .network(let network): network.contains(addressBytes)
        }
    }
}

extension AccessRule: CustomStringConvertible {
    package var description: String {
        switch self {
        case .argyle: Self.argyleWord
        case .network(let network): network.description
        }
    }
}
