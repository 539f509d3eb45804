import Testing

@testable import RelayHTTP

@Suite("One connection's journey", .timeLimit(.minutes(5)))
struct HTTPConnectionTests {
    @Test("a kept connection answers one request after the other")
    func keepAlive() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            let first = await connection.received(until: "[abc]")
            #expect(first.hasPrefix("HTTP/1.1 200 OK\r\ndate: "))
            #expect(first.hasSuffix("\r\n\r\nPOST /a x=1 [abc]"))
            #expect(!first.contains("connection: close"))
            try await connection.send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            let second = await connection.received(until: "GET /b - []")
            #expect(second.hasSuffix("GET /b - []"))
            await connection.close()
        }
    }

    @Test("pipelined requests are answered in order, the slow first one included")
    func pipelining() async throws {
        let route = TestRoute()
        try await withServer(route: route) { _, port in
            let connection = try await RawConnection.open(port: port)
            let later = (1...50).map { "POST /\($0) HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx" }.joined()
            try await connection.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n" + later + "GET /end HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            route.held.open()
            let answers = await connection.received(until: "GET /end - []")
            let bodies = answers.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix { $0 != "H" && $0 != "]" } }
            #expect(bodies.first == "held")
            #expect(bodies.dropFirst() == (1...50).map { "POST /\($0) - [x" } + ["GET /end - ["])
            await connection.close()
        }
    }

    @Test("more pipelined bytes than are held at once are all answered")
    func longPipeline() async throws {
        let route = TestRoute(maxBody: 2000)
        try await withServer(route: route) { _, port in
            let connection = try await RawConnection.open(port: port)
            let one = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "y", count: 2000)
            connection.push("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n" + String(repeating: one, count: 300))
            connection.push("GET /end HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            route.held.open()
            let answers = await connection.received(until: "GET /end - []")
            #expect(answers.split(separator: "HTTP/1.1 200 OK").count == 302)
            await connection.close()
        }
    }

    @Test("a body that arrives byte by byte is whole")
    func dribbledBody() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            for byte in "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nwiki\r\n5\r\npedia\r\n0\r\nT: v\r\n\r\n"
            {
                try await connection.send(String(byte))
            }
            #expect(await connection.received(until: "]").hasSuffix("POST /a - [wikipedia]"))
            await connection.close()
        }
    }

    @Test("a client that waits to be told so is told to go on, then answered")
    func expectContinue() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(await connection.received(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send("ok")
            #expect(await connection.received(until: "[ok]").contains("HTTP/1.1 200 OK"))
            await connection.close()
        }
    }

    @Test("a client that waits to be told so is not told to send a body that would be refused")
    func expectContinueRefused() async throws {
        try await withServer(route: TestRoute(maxBody: 1)) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(await connection.receivedToEnd().hasPrefix("HTTP/1.1 413 "))
            await connection.close()
        }
    }

    @Test("HEAD gets the length of the body and no body")
    func head() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\nHEAD /abc HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let answer = await connection.receivedToEnd()
            #expect(answer.contains("content-length: 14\r\n"))
            #expect(!answer.contains("HEAD /abc"))
        }
    }

    @Test("HTTP/1.0 closes unless it asks to be kept", arguments: [true, false])
    func version10(keeps: Bool) async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /a HTTP/1.0\r\n\(keeps ? "Connection: Keep-Alive\r\n" : "")\r\n")
            if keeps {
                #expect(await connection.received(until: "GET /a").contains("connection: keep-alive\r\n"))
                await connection.close()
            } else {
                #expect(await connection.receivedToEnd().contains("connection: close\r\n"))
            }
        }
    }

    @Test("a request that asks to close is answered and closed")
    func connectionClose() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n")
            let answer = await connection.receivedToEnd()
            #expect(answer.contains("connection: close\r\n"))
            #expect(answer.hasSuffix("GET /a - []"), "\(answer)")
        }
    }

    @Test("a client that closes its sending side still gets its answer")
    func halfClosed() async throws {
        let route = TestRoute()
        try await withServer(route: route) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            try await connection.closeOutput()
            await route.arrived.wait()
            route.held.open()
            #expect(await connection.receivedToEnd().hasSuffix("held"))
        }
    }

    @Test("a client that leaves while its request is worked on harms nobody")
    func clientLeaves() async throws {
        let route = TestRoute()
        try await withServer(route: route) { server, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            await route.arrived.wait()
            await connection.close()
            route.held.open()
            let next = try await RawConnection.open(port: port)
            try await next.send("GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(await next.receivedToEnd().hasSuffix("GET /next - []"))
        }
    }

    @Test("a slow reader gets all of a large answer and then its next one")
    func slowReader() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port, autoRead: false, receiveBuffer: 4096)
            try await connection.send(
                "GET /large?4000000 HTTP/1.1\r\nHost: h\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            )
            try await connection.readOn()
            let answer = await connection.receivedToEnd()
            #expect(answer.utf8.count > 4_000_000)
            #expect(answer.hasSuffix("GET /after - []"))
        }
    }

    @Test("a header value cannot begin a header of its own, nor contradict the framing")
    func responseSplitting() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /split HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let answer = await connection.receivedToEnd()
            #expect(answer.contains("x-a: 1  x-injected: 2\r\n"))
            #expect(answer.contains("content-length: 0\r\n") && !answer.contains("999"))
        }
    }

    @Test("204 has neither body nor length")
    func noContent() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 204 No Content\r\n") && !answer.contains("content-length"))
        }
    }
}
