import Testing

@testable import RelayConfiguration

@Suite("Networks", .timeLimit(.minutes(5)))
struct CIDRTests {
    @Test(
        "a network contains the addresses that share its prefix, and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
            ("192.0.2.128/25", "192.0.2.128", true), ("192.0.2.128/25", "192.0.2.127", false),
            ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false), ("192.0.2.6/31", "192.0.2.7", true),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "10.0.0.1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("2001:db8::1", "2001:db8::1", true), ("2001:db8::1", "2001:db8::2", false),
        ]
    )
    func contains(network: String, address: String, expected: Bool) throws {
        let cidr = try CIDR(network)
        #expect(cidr.contains(try #require(IPAddress(address)).bytes) == expected)
    }

    @Test("an IPv4-mapped address counts as the IPv4 address it carries")
    func mapped() throws {
        let peer: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3]
        #expect(try CIDR("10.0.0.0/8").contains(peer))
        #expect(try !CIDR("11.0.0.0/8").contains(peer))
        #expect(try !CIDR("::/0").contains(peer))
        #expect(try CIDR("::ffff:10.0.0.0/104") == CIDR("10.0.0.0/8"))
        #expect(try CIDR("::ffff:10.0.0.1") == CIDR("10.0.0.1/32"))
    }

    @Test("bytes that are no address belong to no network", arguments: [0, 1, 3, 5, 15, 17])
    func strangeLengths(count: Int) throws {
        #expect(try !CIDR("0.0.0.0/0").contains([UInt8](repeating: 0, count: count)))
        #expect(try !CIDR("::/0").contains([UInt8](repeating: 0, count: count)))
    }

    @Test("bits beyond the prefix are refused, and the right network is hinted")
    func hostBits() {
        #expect(throws: CIDR.Malformed(hint: "10.0.0.0/8")) { try CIDR("10.0.0.1/8") }
        #expect(throws: CIDR.Malformed(hint: "192.0.2.0/25")) { try CIDR("192.0.2.127/25") }
        #expect(throws: CIDR.Malformed(hint: "2001:db8::/32")) { try CIDR("2001:db8::1/32") }
        #expect(throws: CIDR.Malformed(hint: "10.0.0.0/8")) { try CIDR("::ffff:10.0.0.1/104") }
    }

    @Test(
        "what is no network is refused",
        arguments: [
            "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "010.0.0.0/8", "10.0.0.0/8/8", "::/129",
            "::ffff:10.0.0.0/90",
            "10.0.0.0 /8", "host", "fe80::1%eth0", "10.0.0.0/99999999999999999999", "10.0.0.0/٨", "1.2.3.4\0", "[::1]",
        ]
    )
    func malformed(text: String) {
        #expect(throws: CIDR.Malformed.self) { try CIDR(text) }
    }

    @Test("a network prints as it would be written", arguments: ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1", "0.0.0.0/0"])
    func description(text: String) throws {
        #expect(try CIDR(text).description == text)
    }

    @Test("the word argyle stands for the four documented addresses")
    func argyle() throws {
        for address in ["34.27.251.226", "34.122.50.253", "35.188.163.115", "35.226.53.251", "::ffff:35.226.53.251"] {
            #expect(AccessRule.argyle.contains(try #require(IPAddress(address)).bytes))
        }
        #expect(!AccessRule.argyle.contains([34, 27, 251, 227]))
        #expect(!AccessRule.argyle.contains([]))
        #expect(AccessRule.network(try CIDR("10.0.0.0/8")).contains([10, 0, 0, 1]))
        #expect(!AccessRule.network(try CIDR("10.0.0.0/8")).contains([34, 27, 251, 226]))
    }
}
