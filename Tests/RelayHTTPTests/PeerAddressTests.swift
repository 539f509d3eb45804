import NIOCore
import Testing

@testable import RelayHTTP

@Suite("Peer addresses", .timeLimit(.minutes(5)))
struct PeerAddressTests {
    @Test(
        "text and bytes of an address lead to each other",
        arguments: [
            ("34.27.251.226", [34, 27, 251, 226], "34.27.251.226"),
            ("::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "::1"),
            ("2001:DB8:0:0::5", [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5], "2001:db8::5"),
            ("::ffff:10.1.2.3", [10, 1, 2, 3], "10.1.2.3"),
        ] as [(String, [UInt8], String)]
    )
    func roundTrip(text: String, bytes: [UInt8], description: String) throws {
        let address = try #require(PeerAddress(text))
        #expect(address.bytes == bytes)
        #expect(address.description == description)
        #expect(PeerAddress(bytes: bytes) == address)
        let socket = try PeerAddress(SocketAddress(ipAddress: text.lowercased(), port: 80))
        #expect(socket == address)
    }

    @Test("what is no bare address is none", arguments: ["", "localhost", "1.2.3", "1.2.3.4:80", "[::1]", "fe80::1%lo", "01.2.3.256"])
    func refused(text: String) {
        #expect(PeerAddress(text) == nil)
    }

    @Test("no other count of bytes is an address")
    func counts() throws {
        #expect(PeerAddress(bytes: [1, 2, 3]) == nil)
        #expect(try PeerAddress(SocketAddress(unixDomainSocketPath: "/x")) == nil)
    }
}
