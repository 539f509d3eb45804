import RelayTestSupport
import Testing

@testable import RelayClient

@Suite("The client over TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    let certificates: Certificates
    private var trusting: TLSClientConfiguration { TLSClientConfiguration(caFile: certificates.path("ca.pem")) }

    init() async throws { certificates = try await Certificates() }

    @Test("a server with a certificate of a trusted CA is answered to, by name and by address", arguments: ["localhost", "127.0.0.1"])
    func roundTrip(host: String) async throws {
        try await TestServer.run(certificates, "argyle") { port in
            try await withClient(.init(maxConnections: 2, tls: trusting)) { client in
                for size in [0, 16 << 10, 3 << 20] {
                    let body = [UInt8](repeating: 0x61, count: size)
                    let response = try await client.execute(method: "POST", url: "https://\(host):\(port)/a", body: body)
                    #expect(response.body == Array("POST /a - [".utf8) + body + Array("]".utf8))
                }
            }
        }
    }

    @Test("the environment names the CA where the configuration does not", arguments: ["SSL_CERT_FILE", "CURL_CA_BUNDLE"])
    func environment(variable: String) async throws {
        try await TestServer.run(certificates, "argyle") { port in
            try await withClient(environment: [variable: certificates.path("ca.pem")]) { client in
                let response = try await client.execute(url: "https://localhost:\(port)/a")
                #expect(response.status == 200)
            }
            try await withClient(.init(tls: trusting), environment: [variable: certificates.path("stranger.pem")]) { client in
                let response = try await client.execute(url: "https://localhost:\(port)/a")
                #expect(response.status == 200)
            }
        }
    }

    @Test(
        "a certificate that will not do is refused, and what is wrong with it is told",
        arguments: [
            ("argyle", "stranger.pem", TLSFault.untrusted(host: "localhost", reason: "its CA is not known here")),
            ("argyle", nil, .untrusted(host: "localhost", reason: "its CA is not known here")),
            ("own", "ca.pem", .untrusted(host: "localhost", reason: "it is self-signed")),
            ("expired", "ca.pem", .expired(host: "localhost")),
            ("other", "ca.pem", .wrongName(host: "localhost")),
        ] as [(String, String?, TLSFault)]
    )
    func refused(certificate: String, authority: String?, fault: TLSFault) async throws {
        try await TestServer.run(certificates, certificate) { port in
            let tls = TLSClientConfiguration(caFile: authority.map(certificates.path))
            try await withClient(.init(tls: tls)) { client in
                await #expect(throws: HTTPClientError.tls(fault)) { try await client.execute(url: "https://localhost:\(port)/") }
            }
        }
    }

    @Test("a client with a signed certificate is served, one without is told what is missing")
    func mutual() async throws {
        try await TestServer.run(certificates, "argyle", clientCA: "ca") { port in
            var presenting = trusting
            presenting.certificateFile = certificates.path("client.pem")
            presenting.privateKeyFile = certificates.path("client.key")
            try await withClient(.init(tls: presenting)) { client in
                let response = try await client.execute(url: "https://localhost:\(port)/a")
                #expect(response.status == 200)
            }
            try await withClient(.init(tls: trusting)) { client in
                do {
                    _ = try await client.execute(url: "https://localhost:\(port)/a")
                    Issue.record("it was served")
                } catch { #expect("\(error)".contains("certificate required"), "\(error)") }
            }
        }
    }

    @Test("https to a plain port says so")
    func mismatch() async throws {
        try await TestServer.run { _, port in
            try await withClient(.init(tls: trusting)) { client in
                let expected = HTTPClientError.tls(.handshakeFailed(host: "localhost", reason: "wrong version number"))
                await #expect(throws: expected) { try await client.execute(url: "https://localhost:\(port)/") }
            }
        }
    }

    @Test("files that cannot be read are told before anything connects; those that a variable names concern TLS alone")
    func files() async throws {
        #expect(throws: HTTPClientError.tls(.cannotRead(file: "/none", reason: "No such file or directory"))) {
            try HTTPClient(configuration: .init(tls: TLSClientConfiguration(caFile: "/none")))
        }
        try await TestServer.run { _, port in
            try await withClient(environment: ["SSL_CERT_FILE": "/none"]) { client in
                let plain = try await client.execute(url: "http://127.0.0.1:\(port)/")
                #expect(plain.status == 200)
                let expected = HTTPClientError.tls(.cannotRead(file: "/none", reason: "SSL_CERT_FILE names it; No such file or directory"))
                await #expect(throws: expected) { try await client.execute(url: "https://127.0.0.1:\(port)/") }
            }
        }
    }
}
