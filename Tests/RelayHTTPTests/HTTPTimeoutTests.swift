import Testing

@testable import RelayHTTP

@Suite("What the server does not wait for", .timeLimit(.minutes(5)))
struct HTTPTimeoutTests {
    @Test(
        "a slow sender is cut off with 408, wherever in its request it stopped",
        arguments: ["G", "GET / HT", "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"]
    )
    func slowSender(sent: String) async throws {
        try await withServer(configure: { $0.requestTimeout = .seconds(1) }) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send(sent)
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(answer.hasSuffix(sent.contains("/slow") ? "head /slow" : "head none"))
            await connection.close()
        }
    }

    @Test("the time for a request counts from its first byte, not from the one before it")
    func secondRequest() async throws {
        try await withServer(configure: { $0.requestTimeout = .seconds(1) }) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await connection.received(until: "GET /a")
            try await connection.send("GET /b")
            #expect(await connection.receivedToEnd().contains("HTTP/1.1 408 "))
            await connection.close()
        }
    }

    @Test("a kept connection that stays silent is closed without a word")
    func idle() async throws {
        try await withServer(configure: { $0.idleTimeout = .milliseconds(100) }) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            let answer = await connection.receivedToEnd()
            #expect(answer.hasSuffix("GET /a - []"))
        }
    }

    @Test("empty lines are no sign of life", .timeLimit(.minutes(1)))
    func emptyLines() async throws {
        try await withServer(configure: { $0.idleTimeout = .milliseconds(300) }) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await connection.received(until: "GET /a - []")
            // Ends only because the server closes the connection.
            while !connection.isEnded { try? await connection.send("\r\n") }
            #expect(connection.receivedSoFar.hasSuffix("GET /a - []"))
        }
    }

    @Test("another idle timeout is taken by the next wait")
    func idleAdjusted() async throws {
        try await withServer(configure: { $0.idleTimeout = .seconds(600) }) { server, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await connection.received(until: "GET /a - []")
            server.setIdleTimeout(.milliseconds(100))
            try await connection.send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await connection.receivedToEnd().hasSuffix("GET /b - []"))
        }
    }

    @Test("the route's own work is under no deadline")
    func slowRoute() async throws {
        let route = TestRoute()
        try await withServer(
            route: route,
            configure: {
                $0.requestTimeout = .seconds(1)
                $0.idleTimeout = .seconds(1)
            }
        ) { _, port in
            let held = try await RawConnection.open(port: port)
            try await held.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            // Another connection's deadlines, begun later, have passed by the time this one has been cut off.
            let silent = try await RawConnection.open(port: port)
            #expect(await silent.receivedToEnd() == "")
            route.held.open()
            #expect(await held.receivedToEnd().hasSuffix("held"))
        }
    }

    @Test("a reader who takes nothing of its answer is let go", .timeLimit(.minutes(1)))
    func stuckReader() async throws {
        try await withServer(configure: { $0.idleTimeout = .milliseconds(150) }) { server, port in
            let connection = try await RawConnection.open(port: port, autoRead: false, receiveBuffer: 4096)
            try await connection.send("GET /large?8000000 HTTP/1.1\r\nHost: h\r\n\r\n")
            // Returns only because the idle deadline closed the connection: the grace is far longer than the limit of the test.
            await server.shutdown(grace: .seconds(600))
            await connection.close()
        }
    }
}
