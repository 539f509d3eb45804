import Testing

@testable import RelayHTTP

@Suite("How a connection's end is counted", .timeLimit(.minutes(5)))
struct HTTPConnectionEndTests {
    @Test(
        "a connection that never sent anything of a request is closed without a word and is no request",
        arguments: ["", "\r\n", "\r\n\r"]
    )
    func silent(sent: String) async throws {
        let route = TestRoute()
        try await withServer(route: route, configure: { $0.requestTimeout = .milliseconds(200) }) { _, port in
            let connection = try await RawConnection.open(port: port)
            if !sent.isEmpty { try await connection.send(sent) }
            #expect(await connection.receivedToEnd() == "")
            await connection.close()
        }
        #expect(route.ends == [.silent])
        #expect(route.faults.isEmpty)
    }

    @Test("who connects and closes is silent, too")
    func scanned() async throws {
        let route = TestRoute()
        try await withServer(route: route) { server, port in
            let connection = try await RawConnection.open(port: port)
            await connection.close()
            let next = try await RawConnection.open(port: port)
            try await next.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            _ = await next.receivedToEnd()
        }
        #expect(route.ends.sorted { $0.rawValue < $1.rawValue } == [.done, .silent])
    }

    @Test(
        "each way has its name",
        arguments: [
            ("GET / HT", HTTPConnectionEnd.slow), ("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", .idle), ("nonsense\r\n\r\n", .refused),
            ("GET /forbidden HTTP/1.1\r\nHost: h\r\n\r\n", .refused), ("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", .done),
        ]
    )
    func names(sent: String, end: HTTPConnectionEnd) async throws {
        let route = TestRoute()
        try await withServer(
            route: route,
            configure: {
                $0.requestTimeout = .milliseconds(300)
                $0.idleTimeout = .milliseconds(300)
            }
        ) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send(sent)
            _ = await connection.receivedToEnd()
            await connection.close()
        }
        #expect(route.ends == [end])
    }

    @Test(
        "TLS that never comes about is told apart from silence",
        arguments: [("", HTTPConnectionEnd.silent), ("\u{16}\u{3}\u{1}", .handshake)]
    )
    func handshake(sent: String, end: HTTPConnectionEnd) async throws {
        let certificates = try await Certificates.shared.value
        let route = TestRoute()
        let tls = TLSConfiguration(certificateFile: certificates.path("server"), privateKeyFile: certificates.path("server-key"))
        try await withServer(
            route: route,
            configure: {
                $0.tls = tls
                $0.requestTimeout = .milliseconds(200)
            }
        ) { _, port in
            let connection = try await RawConnection.open(port: port)
            if !sent.isEmpty { try await connection.send(sent) }
            _ = await connection.receivedToEnd()
            await connection.close()
        }
        #expect(route.ends == [end])
    }
}
