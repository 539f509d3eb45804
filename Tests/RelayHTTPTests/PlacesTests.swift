import RelayClient
import Synchronization
import Testing

@testable import RelayHTTP

@Suite("Who has a place, and who gives way", .timeLimit(.minutes(1)))
struct PlacesTests {
    @Test("the connection that has been idle longest gives way to a newcomer")
    func longestIdle() async throws {
        try await withServer(configure: { ($0.maxConnections, $0.leastIdle) = (2, .zero) }) { _, port in
            let first = try await RawConnection.open(port: port)
            let second = try await answered(port: port)
            // Used after the second was: now the second has been idle longest.
            try await first.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await first.received(until: "GET /first")
            let third = try await answered(port: port)
            #expect(await second.receivedToEnd().hasSuffix("GET /a - []"))
            try await first.send("GET /again HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await first.received(until: "GET /again").contains("GET /again"))
            await first.close()
            await third.close()
        }
    }

    @Test("a connection whose request is being answered gives way to nobody; once it is idle, it does")
    func busy() async throws {
        let route = TestRoute()
        try await withServer(route: route, configure: { ($0.maxConnections, $0.leastIdle) = (1, .zero) }) { _, port in
            let busy = try await RawConnection.open(port: port)
            try await busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            let newcomer = try await RawConnection.open(port: port)
            try await newcomer.send("GET /new HTTP/1.1\r\nHost: h\r\n\r\n")
            route.held.open()
            #expect(await busy.receivedToEnd().hasSuffix("held"))
            #expect(await newcomer.received(until: "GET /new").hasPrefix("HTTP/1.1 200 OK"))
            await newcomer.close()
        }
    }

    @Test("silent connections, and those that send empty lines, keep nobody out")
    func silent() async throws {
        try await withServer(configure: { ($0.maxConnections, $0.leastIdle) = (8, .zero) }) { _, port in
            var silent: [RawConnection] = []
            for number in 0..<8 {
                let connection = try await RawConnection.open(port: port)
                if number % 2 == 0 { try await connection.send("\r\n") }
                silent.append(connection)
            }
            for _ in 0..<40 { await (try answered(port: port)).close() }
            for connection in silent { await connection.close() }
        }
    }

    @Test("connections that never begin a TLS handshake keep nobody out")
    func silentBeforeHandshake() async throws {
        let certificates = try await Certificates.shared.value
        let tls = TLSConfiguration(
            certificateFile: certificates.path("server"),
            privateKeyFile: certificates.path("server-key"),
            clientCAFile: nil
        )
        try await withServer(configure: { ($0.maxConnections, $0.leastIdle, $0.tls) = (2, .zero, tls) }) { _, port in
            let silent = [try await RawConnection.open(port: port), try await RawConnection.open(port: port)]
            try await withClient(.init(tls: TLSClientConfiguration(caFile: certificates.path("ca")))) { client in
                let answer = try await client.execute(url: "https://localhost:\(port)/a")
                #expect(answer.status == 200)
            }
            for connection in silent { await connection.close() }
        }
    }

    @Test("who may not connect is closed without a byte, and takes no place from who may")
    func strangers() async throws {
        let route = TestRoute()
        try await withServer(route: route, configure: { ($0.maxConnections, $0.leastIdle) = (1, .zero) }) { _, port in
            let admitted = try await answered(port: port)
            route.isAdmitting.store(false, ordering: .relaxed)
            for _ in 0..<100 {
                let stranger = try await RawConnection.open(port: port)
                #expect(await stranger.receivedToEnd().isEmpty)
                await stranger.close()
            }
            try await admitted.send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await admitted.received(until: "GET /b").contains("GET /b"))
            route.isAdmitting.store(true, ordering: .relaxed)
            await (try answered(port: port)).close()
            await admitted.close()
        }
    }

    /// A connection that has had one answer.
    private func answered(port: Int) async throws -> RawConnection {
        let connection = try await RawConnection.open(port: port)
        try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(await connection.received(until: "GET /a").hasPrefix("HTTP/1.1 200 OK"))
        return connection
    }
}
