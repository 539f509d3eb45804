import Testing

@testable import RelayHTTP

/// What the listener speaks, as OpenSSL's own client sees it.
@Suite("TLS, how strong", .timeLimit(.minutes(5)))
struct TLSStrengthTests {
    let certificates: Certificates

    init() async throws {
        certificates = try await Certificates.shared.value
    }

    @Test(
        "of TLS 1.2 only suites with ECDHE and AEAD are spoken, whatever the certificate's kind",
        arguments: [
            ("server", "ECDHE-ECDSA-AES128-GCM-SHA256", true), ("server", "ECDHE-ECDSA-CHACHA20-POLY1305", true),
            ("server", "ECDHE-ECDSA-AES256-SHA384", false), ("server", "ECDHE-ECDSA-AES128-SHA", false),
            ("rsa", "ECDHE-RSA-AES256-GCM-SHA384", true), ("rsa", "ECDHE-RSA-AES128-SHA256", false),
            ("rsa", "AES128-GCM-SHA256", false), ("rsa", "AES256-SHA", false), ("rsa", "DHE-RSA-AES128-GCM-SHA256", false),
        ]
    )
    func suites(certificate: String, suite: String, isSpoken: Bool) async throws {
        let key = certificates.path("\(certificate)-key")
        try await withTLSServer(TLSConfiguration(certificateFile: certificates.path(certificate), privateKeyFile: key)) { _, port in
            let outcome = try await client(port, ["-tls1_2", "-cipher", suite])
            #expect(outcome.output.contains("Cipher is \(suite)") == isSpoken, "\(outcome.output)")
            #expect(outcome.errors.contains("handshake failure") == !isSpoken, "\(outcome.errors)")
        }
    }

    @Test(
        "no session is resumed: no ticket is given, and a client that comes again begins anew",
        arguments: ["-tls1_2", "-tls1_3"],
        [nil, "ca"]
    )
    func tickets(version: String, clientCA: String?) async throws {
        let configuration = TLSConfiguration(
            certificateFile: certificates.path("server"),
            privateKeyFile: certificates.path("server-key"),
            clientCAFile: clientCA.map(certificates.path)
        )
        let presenting = ["-cert", certificates.path("client"), version]
        try await withTLSServer(configuration) { _, port in
            // The client reads on until the answer has come, and a ticket would come before it.
            let outcome = try await client(port, presenting, input: "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(outcome.output.contains("HTTP/1.1 200 OK"))
            #expect(!outcome.output.lowercased().contains("session ticket"), "\(outcome.output)")
            guard version == "-tls1_2" else { return }
            let again = try await client(port, presenting + ["-reconnect"])
            #expect(again.output.contains("New, TLSv1.2") && !again.output.contains("Reused"))
        }
    }

    private func client(_ port: Int, _ arguments: [String], input: String = "") async throws -> Command.Outcome {
        let common = ["s_client", "-connect", "localhost:\(port)", "-servername", "localhost", "-ign_eof"]
        let isHandshakeAlone = input.isEmpty
        return try await Command.run(
            "/usr/bin/openssl",
            isHandshakeAlone ? Array(common.dropLast()) + arguments : common + arguments,
            input: input
        )
    }
}

/// A server with these files, and its port.
func withTLSServer(_ tls: TLSConfiguration, _ body: (HTTPServer, Int) async throws -> Void) async throws {
    try await withServer(configure: { $0.tls = tls }, body)
}
