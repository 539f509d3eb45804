import Testing

@testable import RelayClient

@Suite("URLs", .timeLimit(.minutes(5)))
struct HTTPURLTests {
    @Test("a URL leads to a scheme, a host and a port")
    func parts() throws {
        #expect(try HTTPURL("http://Example.com").origin == .init(isSecure: false, host: "example.com", port: 80))
        #expect(try HTTPURL("HTTPS://h:8443/a%20b?c=/d?#e").origin == .init(isSecure: true, host: "h", port: 8443))
        #expect(try HTTPURL("http://[::1]:81?q").origin == .init(isSecure: false, host: "::1", port: 81))
        #expect(try HTTPURL("https://h/a").hasSameOrigin(as: HTTPURL("https://H:443/b")))
        #expect(try !HTTPURL("https://h/a").hasSameOrigin(as: HTTPURL("http://h/a")))
    }

    @Test(
        "what is no absolute http URL is refused",
        arguments: [
            "", "example.com", "ftp://h/", "http://", "http:///a", "http://u:p@h/", "http://u@h/", "http://:p@h/", "http://h:0/",
            "http://h:x/", "http://h:65536/", "http://[::1/", "http://[h]/", "http://h/a b", "http://h/\r\nX: y", "http://h/ü",
        ]
    )
    func refused(text: String) {
        #expect(throws: HTTPClientError.self) { try HTTPURL(text) }
    }

    @Test(
        "what is shown of a URL holds neither user nor query",
        arguments: [
            ("https://h:1/a@b?token=1#b", "https://h:1/a@b"), ("http://h", "http://h"), ("h/a?b", "h/a"),
            ("https://user:pass@h:1/a?token=1", "the URL"), ("https://user:pa/ss@h", "the URL"), ("https://user:pa?ss@h", "the URL"),
            ("user:pass@h", "the URL"),
        ]
    )
    func shown(text: String, expected: String) {
        #expect(HTTPURL.shown(text) == expected)
    }
}
