import Foundation
import RelayClient
import Testing

@testable import RelayHTTP

@Suite("TLS files that are renewed", .timeLimit(.minutes(5)))
struct TLSRenewalTests {
    let certificates: Certificates

    init() async throws {
        certificates = try await Certificates.shared.value
    }

    private func configuration(_ name: String, key: String? = nil) -> TLSConfiguration {
        TLSConfiguration(certificateFile: certificates.path(name), privateKeyFile: certificates.path("\(key ?? name)-key"))
    }

    @Test("are taken by new connections; one that is open lives on with those it began with")
    func renewal() async throws {
        try await withTLSServer(configuration("server")) { server, port in
            let trusting = TLSClientConfiguration(caFile: certificates.path("ca"))
            try await withClient(.init(maxConnections: 1, tls: trusting)) { client in
                #expect(try await client.execute(url: "https://localhost:\(port)/a").status == 200)
                server.renew(try TLSContext(server: configuration("rsa")))
                #expect(try await client.execute(url: "https://localhost:\(port)/a").status == 200)
            }
            try await withClient(.init(tls: trusting)) { client in
                do throws(HTTPClientError) {
                    _ = try await client.execute(url: "https://localhost:\(port)/a")
                    Issue.record("the new certificate was trusted, which the old one's authority did not sign")
                } catch {
                    guard case .tls = error else {
                        Issue.record(error)
                        return
                    }
                }
            }
        }
    }

    @Test("make no listener of plain HTTP one of TLS")
    func plain() async throws {
        try await withServer { server, port in
            server.renew(try TLSContext(server: configuration("server")))
            try await withClient { client in
                let answer = try await client.execute(url: "http://localhost:\(port)/a")
                #expect(answer.status == 200)
            }
            #expect(server.tlsContext == nil)
        }
    }

    @Test("are known by their content, and tell the end of the certificate of their chain that ends first")
    func contents() throws {
        let one = try TLSContext(server: configuration("server"))
        #expect(try TLSContext(server: configuration("server")).contents == one.contents)
        let chain = try TLSContext(server: configuration("chain", key: "server"))
        #expect(chain.contents.certificate != one.contents.certificate)
        #expect(chain.contents.privateKey == one.contents.privateKey)
        let now = Date().timeIntervalSince1970
        #expect(abs(Double(try #require(one.expiry)) - now - 2 * 86_400) < 3600)
        #expect(abs(Double(try #require(chain.expiry)) - now - 86_400) < 3600)
    }

    @Test("are refused when half-written, wherever they end")
    func cut() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: certificates.path("chain")))
        let first = try Data(contentsOf: URL(fileURLWithPath: certificates.path("server"))).count
        let file = certificates.folder + "/cut.pem"
        // A cut right behind a certificate leaves a whole, shorter chain; its last newline may be missing.
        let unnoticed = [first - 1, first, whole.count - 1]
        for length in (0..<whole.count) where !unnoticed.contains(length) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: file))
            let cut = TLSConfiguration(certificateFile: file, privateKeyFile: certificates.path("server-key"))
            #expect(throws: TLSError.self, "cut to \(length) of \(whole.count)") { try TLSContext(server: cut) }
            let authorities = TLSConfiguration(
                certificateFile: certificates.path("server"),
                privateKeyFile: certificates.path("server-key"),
                clientCAFile: file
            )
            #expect(throws: TLSError.self, "cut to \(length) of \(whole.count)") { try TLSContext(server: authorities) }
        }
    }
}
