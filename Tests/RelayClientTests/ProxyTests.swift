import RelayTestSupport
import Testing

@testable import RelayClient

@Suite("The client and proxies", .timeLimit(.minutes(2)))
struct ProxyTests {
    let certificates: Certificates

    init() async throws { certificates = try await Certificates() }

    /// A client of `argyle.test`, which is this machine for nobody but the proxy.
    private func through(_ proxy: String, _ body: (HTTPClient) async throws -> Void) async throws {
        let tls = TLSClientConfiguration(caFile: certificates.path("ca.pem"))
        try await withClient(.init(tls: tls), environment: ["HTTPS_PROXY": proxy, "https_proxy": ""], body)
    }

    // "user:pass word", whose blank the URL writes as %20.
    private let credentials = "Basic dXNlcjpwYXNzIHdvcmQ="

    @Test("https goes through an authenticating proxy with the user and password of its URL")
    func authenticated() async throws {
        try await TestServer.run(certificates, "argyle") { port in
            let proxy = try await TunnelProxy(to: port, credentials: credentials)
            try await through("http://user:pass%20word@127.0.0.1:\(proxy.port)") { client in
                let response = try await client.execute(
                    url: "https://argyle.test/headers",
                    headers: [("authorization", "Bearer of-the-server")]
                )
                #expect(String(decoding: response.body, as: UTF8.self) == "Host=argyle.test\nauthorization=Bearer of-the-server")
            }
            #expect(proxy.requests == ["argyle.test:443 200"])
            try await proxy.close()
        }
    }

    @Test("a proxy that does not take the credentials says so, and they are not shown", arguments: ["user:wrong-password@", ""])
    func refused(user: String) async throws {
        let proxy = try await TunnelProxy(to: 1, credentials: credentials)
        let shown = "127.0.0.1:\(proxy.port)"
        try await through("http://\(user)\(shown)") { client in
            let expected = HTTPClientError.proxy(.refused(proxy: shown, variable: "HTTPS_PROXY", status: 407))
            await #expect(throws: expected) { try await client.execute(url: "https://argyle.test/") }
            #expect(!"\(expected)".contains("wrong-password"))
        }
        try await proxy.close()
    }

    @Test("a proxy that makes no tunnel is told with its status", arguments: [403, 503])
    func noTunnel(status: Int) async throws {
        let proxy = try await TunnelProxy(to: 1, status: status)
        let shown = "127.0.0.1:\(proxy.port)"
        try await through("http://\(shown)") { client in
            await #expect(throws: HTTPClientError.proxy(.refused(proxy: shown, variable: "HTTPS_PROXY", status: status))) {
                try await client.execute(url: "https://argyle.test/")
            }
        }
        try await proxy.close()
    }

    @Test("a proxy that is away and one that has no address are told as such")
    func away() async throws {
        let proxy = try await TunnelProxy(to: 1)
        try await proxy.close()
        let shown = "127.0.0.1:\(proxy.port)"
        for (shown, reason) in [
            (shown, "Connection refused"), ("no.such.host.invalid:3128", "its name does not resolve to an address"),
        ] {
            try await through("http://user:password@\(shown)") { client in
                let expected = HTTPClientError.proxy(.unreachable(proxy: shown, variable: "HTTPS_PROXY", reason: reason))
                await #expect(throws: expected) { try await client.execute(url: "https://argyle.test/") }
            }
        }
        try await through("http://[::bad") { client in
            await #expect(throws: HTTPClientError.proxy(.unusable(variable: "HTTPS_PROXY"))) {
                try await client.execute(url: "https://argyle.test/")
            }
        }
    }

    @Test("plain http is handed to a proxy whole; its 407 is the proxy's word")
    func plain() async throws {
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
        ]
        try await withScriptedServer(answers) { port in
            let shown = "127.0.0.1:\(port)"
            try await withClient(.init(maxConnections: 1), environment: ["http_proxy": "http://\(shown)"]) { client in
                let response = try await client.execute(url: "http://argyle.test/")
                #expect(response.status == 200)
                await #expect(throws: HTTPClientError.proxy(.refused(proxy: shown, variable: "http_proxy", status: 407))) {
                    try await client.execute(url: "http://argyle.test/")
                }
            }
        }
    }

    @Test("this machine is never reached through a proxy, and neither is anything by a client that is to use none")
    func direct() async throws {
        let environment = ["http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"]
        try await TestServer.run { _, port in
            try await withClient(environment: environment) { client in
                for host in ["127.0.0.1", "localhost"] {
                    let response = try await client.execute(url: "http://\(host):\(port)/")
                    #expect(response.status == 200)
                }
            }
            try await withClient(.init(usesProxies: false), environment: environment) { client in
                await #expect(throws: HTTPClientError.cannotResolve(host: "no.such.host.invalid")) {
                    try await client.execute(url: "http://no.such.host.invalid/")
                }
            }
        }
    }
}
