import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RelayHTTP

@Suite("TLS with other programs")
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

@Suite("TLS between our client and our server")
struct TLSTests {
    let certificates: Certificates

    init() async throws {
        certificates = try await Certificates.shared.value
    }

    private var trusting: TLSClientConfiguration { TLSClientConfiguration(caFile: certificates.path("ca")) }

    @Test("requests are answered on kept connections, by name and by address", arguments: ["localhost", "127.0.0.1"])
    func roundTrip(host: String) async throws {
        try await withTLSServer(certificates, route: TestRoute(maxBody: 3 << 20)) { port in
            try await withClient(.init(maxConnections: 2, tls: trusting)) { client in
                for size in [0, 1, 16 << 10, 3 << 20] {
                    let body = [UInt8](repeating: 0x61, count: size)
                    let response = try await client.execute(method: "POST", url: "https://\(host):\(port)/a", body: body)
                    #expect(response.body == Array("POST /a - [".utf8) + body + Array("]".utf8))
                }
            }
        }
    }

    @Test("a certificate for another name is refused, with the reason")
    func wrongName() async throws {
        try await withTLSServer(certificates, name: "other") { port in
            try await withClient(.init(tls: trusting)) { client in
                await #expect(throws: HTTPClientError.tls(.verificationFailed(reason: "hostname mismatch"))) {
                    try await client.execute(url: "https://localhost:\(port)/")
                }
                await #expect(throws: HTTPClientError.tls(.verificationFailed(reason: "IP address mismatch"))) {
                    try await client.execute(url: "https://127.0.0.1:\(port)/")
                }
            }
        }
    }

    @Test("a certificate of a CA that is not trusted is refused")
    func strangers() async throws {
        try await withTLSServer(certificates) { port in
            try await withClient(.init(tls: TLSClientConfiguration(caFile: certificates.path("stranger")))) { client in
                await #expect(throws: HTTPClientError.tls(.verificationFailed(reason: "unable to get local issuer certificate"))) {
                    try await client.execute(url: "https://localhost:\(port)/")
                }
            }
        }
    }

    @Test("a client with a signed certificate is served, one without is told what is missing")
    func mutual() async throws {
        try await withTLSServer(certificates, clientCA: "ca") { port in
            var presenting = trusting
            presenting.certificateFile = certificates.path("client")
            try await withClient(.init(tls: presenting)) { client in
                let response = try await client.execute(url: "https://localhost:\(port)/a")
                #expect(response.status == 200)
            }
            try await withClient(.init(tls: trusting)) { client in
                await #expect(throws: HTTPClientError.tls(.handshakeFailed(reason: "tlsv13 alert certificate required"))) {
                    try await client.execute(url: "https://localhost:\(port)/a")
                }
            }
        }
    }

    @Test("plain HTTP to a TLS port gets no answer and https to a plain port says so")
    func mismatch() async throws {
        try await withTLSServer(certificates) { port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(!(await connection.receivedToEnd().contains("HTTP/1.1 ")))
            await connection.close()
        }
        try await withServer { _, port in
            try await withClient(.init(tls: trusting)) { client in
                await #expect(throws: HTTPClientError.tls(.handshakeFailed(reason: "wrong version number"))) {
                    try await client.execute(url: "https://localhost:\(port)/")
                }
            }
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

    @Test("a response that ends with its connection is an error when TLS was not closed first")
    func truncation() async throws {
        let context = try TLSContext(
            server: TLSConfiguration(certificateFile: certificates.path("server"), privateKeyFile: certificates.path("server-key"))
        )
        let listener = try await ServerBootstrap(group: testGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let cutter = Cutter()
                    let session = try TLSSession(context: context, peerName: nil)
                    try channel.pipeline.syncOperations.addHandlers([
                        cutter, TLSHandler(session: session, role: .server), OpenEnded(cutter),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await withClient(.init(tls: trusting)) { client in
            await #expect(throws: HTTPClientError.tls(.truncated)) {
                try await client.execute(url: "https://localhost:\(listener.localAddress?.port ?? 0)/")
            }
        }
        try await listener.close().get()
    }

    /// Sits beneath TLS, where closing sends no closing alert.
    private final class Cutter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var context: ChannelHandlerContext?
        func handlerAdded(context: ChannelHandlerContext) { self.context = context }
        func cut() { context?.close(promise: nil) }
        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    }

    private final class OpenEnded: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let cutter: Cutter
        init(_ cutter: Cutter) { self.cutter = cutter }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bound = NIOLoopBound(cutter, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\nhalf"))).whenComplete { _ in bound.value.cut()
            }
        }
    }
}

@Suite("TLS files")
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

    @Test("a client's wrong files are told before it connects")
    func wrongClientFiles() throws {
        #expect(throws: HTTPClientError.tls(.cannotRead(file: "/none", reason: "No such file or directory"))) {
            try HTTPClient(configuration: .init(tls: TLSClientConfiguration(caFile: "/none")), group: testGroup)
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
