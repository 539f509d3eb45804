import Testing

@testable import RelayClient

@Suite("The environment's proxies", .timeLimit(.minutes(5)))
struct ProxySettingsTests {
    private func proxy(_ environment: [String: String], _ url: String) throws -> ProxySettings.Proxy? {
        try ProxySettings { environment[$0] }.proxy(for: HTTPURL(url).origin)
    }

    @Test("each scheme has its variables, the lower case before the upper, and HTTP_PROXY is nobody's")
    func variables() throws {
        let all = ["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1", "http_proxy": "http://c", "ALL_PROXY": "socks5h://d:9"]
        #expect(try proxy(all, "https://h/")?.shown == "a:1")
        #expect(try proxy(all, "http://h/")?.shown == "c")
        #expect(try proxy(["HTTPS_PROXY": "b", "https_proxy": ""], "https://h/")?.shown == "b")
        #expect(try proxy(["ALL_PROXY": "socks5h://d:9"], "http://h/")?.shown == "d:9")
        #expect(try proxy(["HTTP_PROXY": "http://e"], "http://h/") == nil)
    }

    @Test("a proxy is shown without its password")
    func shown() throws {
        let found = try #require(try proxy(["https_proxy": "http://user:secret@[::1]:3128/"], "https://h/"))
        #expect(found.shown == "[::1]:3128" && found.variable == "https_proxy")
    }

    @Test(
        "NO_PROXY names hosts, domains, addresses and networks",
        arguments: [
            ("*", "https://h/", true), ("h", "https://h/", true), ("h", "https://H:8443/", true), ("h", "https://a.h/", true),
            (".h", "https://a.h/", true), ("h", "https://ah/", false), ("a.h", "https://h/", false), ("x, h", "https://h/", true),
            ("x h", "https://h/", true), ("10.0.0.0/8", "https://10.9.9.9/", true), ("10.0.0.0/8", "https://11.0.0.1/", false),
            ("10.1.2.3", "https://10.1.2.3/", true), ("2001:db8::/32", "https://[2001:db8:1::5]/", true),
            ("[2001:db8::1]", "https://[2001:db8::1]/", true), ("2001:db8::/32", "https://10.0.0.1/", false),
            ("10.0.0.0/x", "https://10.0.0.1/", false),
            ("", "https://h/", false), (".", "https://h/", false),
        ]
    )
    func exceptions(list: String, url: String, isExcepted: Bool) throws {
        let found = try proxy(["https_proxy": "http://p", "NO_PROXY": list], url)
        #expect((found == nil) == isExcepted)
    }

    @Test(
        "this machine's own addresses need none",
        arguments: ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0x7f000001"]
    )
    func loopback(host: String) throws {
        let found = try proxy(["http_proxy": "http://p"], "http://\(host):9090/")
        #expect(found == nil)
    }
}
