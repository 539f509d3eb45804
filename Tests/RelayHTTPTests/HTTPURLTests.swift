import Testing

@testable import RelayHTTP

@Suite("URLs")
struct HTTPURLTests {
    @Test("a URL is split into where to connect and what to ask for")
    func parts() throws {
        let plain = try HTTPURL("http://Example.com")
        #expect(plain.origin == .init(isSecure: false, host: "example.com", port: 80))
        #expect((plain.target, plain.authority) == ("/", "example.com"))
        let full = try HTTPURL("HTTPS://h:8443/a%20b?c=/d?#e")
        #expect(full.origin == .init(isSecure: true, host: "h", port: 8443))
        #expect((full.target, full.authority) == ("/a%20b?c=/d?", "h:8443"))
        let six = try HTTPURL("http://[::1]:81?q")
        #expect(six.origin == .init(isSecure: false, host: "::1", port: 81))
        #expect((six.target, six.authority) == ("/?q", "[::1]:81"))
    }

    @Test(
        "what is no absolute http URL is refused",
        arguments: [
            "", "example.com", "ftp://h/", "http://", "http:///a", "http://u:p@h/", "http://h:0/", "http://h:x/", "http://h:/",
            "http://[::1/",
            "http://[h]/", "http://h/a b", "http://h/\r\nX: y", "http://h/ü",
        ]
    )
    func refused(text: String) {
        #expect(throws: HTTPClientError.self) { try HTTPURL(text) }
    }
}
