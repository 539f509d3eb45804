import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RelayHTTP

@Suite("TLS with other programs", .timeLimit(.minutes(5)))
struct TLSInteroperabilityTests {
    let certificates: Certificates

    init() async throws {
        certificates = try await Certificates.shared.value
    }

    @Test("curl is served, by ALPN and with a verified name")
    func curl() async throws {
        try await withTLSServer(certificates) { port in
            let outcome = try await curl(["-w", " %{http_version} %{ssl_verify_result}", "https://localhost:\(port)/a", "-d", "hello"])
            #expect(outcome.output == "POST /a - [hello] 1.1 0")
        }
    }

    @Test("curl sends and gets large bodies", arguments: ["1.2", "1.3"])
    func largeBodies(version: String) async throws {
        try await withTLSServer(certificates, route: TestRoute(maxBody: 4 << 20)) { port in
            let body = String(repeating: "0123456789", count: 300_000)
            let outcome = try await curl(
                ["--tlsv\(version)", "--tls-max", version, "https://localhost:\(port)/a", "--data-binary", "@-"],
                input: body
            )
            #expect(outcome.output == "POST /a - [\(body)]")
        }
    }

    @Test("a refused body is answered over TLS too, however much curl has sent")
    func refusedBody() async throws {
        try await withTLSServer(certificates) { port in
            let outcome = try await curl(
                ["-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect:", "https://localhost:\(port)/a", "--data-binary", "@-"],
                input: String(repeating: "x", count: 2 << 20)
            )
            #expect(outcome.output == "413")
        }
    }

    @Test("with a client CA only clients that it signed are served")
    func mutual() async throws {
        try await withTLSServer(certificates, clientCA: "ca") { port in
            let url = "https://localhost:\(port)/a"
            let known = try await curl(["--cert", certificates.path("client"), url])
            #expect(known.output == "GET /a - []")
            let nameless = try await curl([url])
            #expect(nameless.status != 0 && nameless.output.isEmpty)
            let stranger = try await curl(
                ["--cert", certificates.path("stranger"), "--key", certificates.path("stranger-key"), url])
            #expect(stranger.status != 0 && stranger.output.isEmpty)
        }
    }

    @Test("TLS 1.1 is refused by us, not only by the client")
    func oldVersion() async throws {
        try await withTLSServer(certificates) { port in
            let arguments = ["s_client", "-connect", "localhost:\(port)", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
            let outcome = try await Command.run("/usr/bin/openssl", arguments)
            #expect(outcome.errors.contains("alert protocol version"))
        }
    }

    @Test("a client that offers only other protocols is refused (RFC 7301)")
    func otherProtocols() async throws {
        try await withTLSServer(certificates) { port in
            let outcome = try await Command.run("/usr/bin/openssl", ["s_client", "-connect", "localhost:\(port)", "-alpn", "h2"])
            #expect(outcome.errors.contains("no application protocol"))
        }
    }

    @Test("renegotiation is refused")
    func renegotiation() async throws {
        try await withTLSServer(certificates) { port in
            let arguments = ["s_client", "-connect", "localhost:\(port)", "-tls1_2"]
            let outcome = try await Command.run("/usr/bin/openssl", arguments, input: "R\n")
            #expect(outcome.errors.contains("no renegotiation"))
        }
    }

    private func curl(_ arguments: [String], input: String = "") async throws -> Command.Outcome {
        let common = ["-sS", "--max-time", "30", "--noproxy", "*", "--cacert", certificates.path("ca")]
        return try await Command.run("/usr/bin/curl", common + arguments, input: input)
    }
}

@Suite("TLS and peers that speak none", .timeLimit(.minutes(5)))
struct TLSMismatchTests {
    let certificates: Certificates

    init() async throws {
        certificates = try await Certificates.shared.value
    }

    @Test("plain HTTP to a TLS port gets no answer")
    func mismatch() async throws {
        try await withTLSServer(certificates) { port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(!(await connection.receivedToEnd().contains("HTTP/1.1 ")))
            await connection.close()
        }
    }

    @Test("a handshake that does not come is cut off without a word")
    func silentHandshake() async throws {
        try await withTLSServer(certificates, configure: { $0.requestTimeout = .milliseconds(200) }) { port in
            let connection = try await RawConnection.open(port: port)
            #expect(await connection.receivedToEnd() == "")
            await connection.close()
        }
    }
}

@Suite("TLS files", .timeLimit(.minutes(5)))
struct TLSFileTests {
    let certificates: Certificates

    init() async throws {
        certificates = try await Certificates.shared.value
    }

    @Test("each way a file can be wrong is told by its own words")
    func wrongFiles() async throws {
        func path(_ name: String) -> String { certificates.path(name) }
        let cases: [(certificate: String, key: String, clientCA: String?, expected: TLSError)] = [
            ("missing", "server-key", nil, .cannotRead(file: path("missing"), reason: "No such file or directory")),
            ("server", "missing", nil, .cannotRead(file: path("missing"), reason: "No such file or directory")),
            ("server", "server-key", "missing", .cannotRead(file: path("missing"), reason: "No such file or directory")),
            ("text", "server-key", nil, .notPEM(file: path("text"), expected: "certificate")),
            ("der", "server-key", nil, .notPEM(file: path("der"), expected: "certificate")),
            ("server", "text", nil, .notPEM(file: path("text"), expected: "private key")),
            ("server", "server", nil, .notPEM(file: path("server"), expected: "private key")),
            ("server", "server-key", "text", .notPEM(file: path("text"), expected: "CA certificate")),
            ("server", "server-key", "empty", .notPEM(file: path("empty"), expected: "CA certificate")),
            ("empty", "server-key", nil, .notPEM(file: path("empty"), expected: "certificate")),
            ("server", "empty", nil, .notPEM(file: path("empty"), expected: "private key")),
            ("server", "encrypted-key", nil, .encryptedKey(file: path("encrypted-key"))),
            ("server", "other-key", nil, .keyDoesNotMatch(keyFile: path("other-key"), certificateFile: path("server"))),
            ("server", "rsa-key", nil, .keyDoesNotMatch(keyFile: path("rsa-key"), certificateFile: path("server"))),
        ]
        for item in cases {
            let tls = TLSConfiguration(
                certificateFile: path(item.certificate),
                privateKeyFile: path(item.key),
                clientCAFile: item.clientCA.map(path)
            )
            let server = HTTPServer(
                configuration: .init(host: "127.0.0.1", port: 0, tls: tls),
                route: TestRoute(),
                group: testGroup,
                logger: Logger(label: "test")
            )
            await #expect(throws: HTTPServerError.tls(item.expected)) { try await server.start() }
        }
    }
}

private func withTLSServer(
    _ certificates: Certificates,
    name: String = "server",
    clientCA: String? = nil,
    route: any HTTPRoute = TestRoute(),
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: (Int) async throws -> Void
) async throws {
    try await withServer(
        route: route,
        configure: {
            $0.tls = TLSConfiguration(
                certificateFile: certificates.path(name),
                privateKeyFile: certificates.path("\(name)-key"),
                clientCAFile: clientCA.map(certificates.path)
            )
            configure(&$0)
        },
        { _, port in try await body(port) }
    )
}
