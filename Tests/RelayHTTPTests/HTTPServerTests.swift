import Logging
import Testing

@testable import RelayHTTP

@Suite("A listener's life", .timeLimit(.minutes(5)))
struct HTTPServerTests {
    @Test("while nobody has been idle for long enough, a connection beyond the maximum waits and is served when another closes")
    func backlog() async throws {
        try await withServer(configure: { ($0.maxConnections, $0.leastIdle) = (2, .seconds(600)) }) { _, port in
            let first = try await RawConnection.open(port: port)
            let second = try await RawConnection.open(port: port)
            for connection in [first, second] {
                try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
                _ = await connection.received(until: "GET /a")
            }
            let third = try await RawConnection.open(port: port)
            try await third.send("GET /third HTTP/1.1\r\nHost: h\r\n\r\n")
            // Had the third been accepted, its answer would be here before these, which were asked for later.
            for number in 1...20 {
                try await first.send("GET /b\(number) HTTP/1.1\r\nHost: h\r\n\r\n")
                _ = await first.received(until: "GET /b\(number) ")
            }
            #expect(third.receivedSoFar.isEmpty)
            await second.close()
            #expect(await third.received(until: "GET /third").hasPrefix("HTTP/1.1 200 OK"))
            await first.close()
            await third.close()
        }
    }

    @Test("many more connections than the maximum are all served in the end")
    func manyConnections() async throws {
        try await withServer(configure: { $0.maxConnections = 3 }) { _, port in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let connection = try await RawConnection.open(port: port)
                        try await connection.send("GET /\(number) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                        return await connection.receivedToEnd()
                    }
                }
                for try await answer in group { #expect(answer.hasPrefix("HTTP/1.1 200 OK")) }
            }
        }
    }

    // Within a minute means: not by the grace.
    @Test("a shutdown refuses new connections, closes idle ones and lets a busy one finish", .timeLimit(.minutes(1)))
    func gracefulShutdown() async throws {
        let route = TestRoute()
        try await withServer(route: route) { server, port in
            let idle = try await RawConnection.open(port: port)
            try await idle.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await idle.received(until: "GET /a")
            let busy = try await RawConnection.open(port: port)
            try await busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\nGET /late HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            async let stopped: Void = server.shutdown(grace: .seconds(600))
            #expect(await idle.receivedToEnd().hasSuffix("GET /a - []"))
            await #expect(throws: (any Error).self) { _ = try await RawConnection.open(port: port) }
            route.held.open()
            let answer = await busy.receivedToEnd()
            #expect(answer.contains("connection: close\r\n") && answer.hasSuffix("held"))
            await busy.close()
            await stopped
            #expect(server.boundPort == nil)
        }
    }

    @Test("a request that comes while a shutdown lets idle connections linger is answered as the last one, on kept and on new connections")
    func lingering() async throws {
        try await withServer(configure: { $0.lingering = .seconds(600) }) { server, port in
            let kept = try await RawConnection.open(port: port)
            try await kept.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await kept.received(until: "GET /a")
            let new = try await RawConnection.open(port: port)
            let other = try await RawConnection.open(port: port)
            try await other.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            // It came after the new one, which is accepted by now.
            _ = await other.receivedToEnd()
            async let stopped: Void = server.shutdown(grace: .seconds(600))
            while (try? await RawConnection.open(port: port)) != nil {}
            for connection in [kept, new] {
                try await connection.send("GET /late HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = await connection.receivedToEnd()
                #expect(answer.hasSuffix("GET /late - []") && answer.contains("connection: close\r\n"))
                #expect(!connection.wasReset)
                await connection.close()
            }
            await other.close()
            await stopped
        }
    }

    @Test("a shutdown cuts what has not finished within the grace")
    func hardShutdown() async throws {
        let route = TestRoute()
        try await withServer(route: route) { server, port in
            let busy = try await RawConnection.open(port: port)
            try await busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            await server.shutdown(grace: .milliseconds(50))
            #expect(await busy.receivedToEnd().isEmpty)
            route.held.open()
        }
    }

    @Test("a taken port is named, with what to do")
    func addressInUse() async throws {
        try await withServer { _, port in
            let other = server(host: "127.0.0.1", port: port)
            await #expect(throws: HTTPServerError.addressInUse(host: "127.0.0.1", port: port)) { try await other.start() }
        }
    }

    @Test("a host that does not resolve and an address of another machine are told apart")
    func badHosts() async throws {
        await #expect(throws: HTTPServerError.cannotResolve(host: "no.such.host.invalid")) {
            try await server(host: "no.such.host.invalid", port: 0).start()
        }
        await #expect(throws: HTTPServerError.addressNotAvailable(host: "192.0.2.1", port: 0)) {
            try await server(host: "192.0.2.1", port: 0).start()
        }
    }

    @Test("a listener is started once")
    func startedTwice() async throws {
        try await withServer { server, _ in
            await #expect(throws: HTTPServerError.alreadyStarted) { try await server.start() }
        }
    }

    private func server(host: String, port: Int) -> HTTPServer {
        HTTPServer(
            configuration: .init(host: host, port: port),
            route: TestRoute(),
            group: testGroup,
            logger: Logger(label: "test")
        )
    }
}
