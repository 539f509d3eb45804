import Testing

@testable import RelayHTTP

@Suite("What the server refuses", .timeLimit(.minutes(5)))
struct HTTPFaultTests {
    @Test(
        "bytes that are no unambiguous HTTP/1.1 are answered 400 and the connection is closed",
        arguments: [
            "GARBAGE\r\n\r\n",
            "GET\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / \r\n\r\n",
            "GET / HTTP\r\nHost: h\r\n\r\n",
            "GET / HTTP/\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1 HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / FTP/1.1\r\nHost: h\r\n\r\n",
            "GET / http/1.1\r\nHost: h\r\n\r\n",
            "GET relative HTTP/1.1\r\nHost: h\r\n\r\n",
            "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /\u{e9} HTTP/1.1\r\nHost: h\r\n\r\n",
            "G\u{0}T / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\nHost: h\n\n",
            "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{1}b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{7f}b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: y\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\nab",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n bad trailer\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnocolon\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;a b\r\na\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;\u{e9}\r\na\r\n0\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{2}\u{0}",
        ]
    )
    func malformed(bytes: String) async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send(bytes)
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains("connection: close\r\n"))
            #expect(answer.contains("fault malformed"))
            #expect(answer.split(separator: "HTTP/1.1 4").count == 1)
            await connection.close()
        }
    }

    @Test(
        "a transfer coding other than chunked is answered 501 and the connection is closed",
        arguments: ["gzip", "identity", "xchunked", "gzip, chunked", "gzip;q=1 , chunked", "GZIP\r\nTransfer-Encoding: chunked"]
    )
    func transferEncoding(coding: String) async throws {
        try await expectRefusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \(coding)\r\n\r\n0\r\n\r\n", "501 Not Implemented")
    }

    @Test(
        "another version of HTTP is answered 505 and the connection is closed",
        arguments: ["HTTP/2.0", "HTTP/0.9", "HTTP/3", "HTTP/2", "HTTP/1", "HTTP/1.", "HTTP/1.10", "HTTP/11.1", "HTTP/01.1", "HTTP/x.y"]
    )
    func version(version: String) async throws {
        try await expectRefusal("GET / \(version)\r\nHost: h\r\n\r\n", "505 HTTP Version Not Supported")
        try await expectRefusal("PRI * \(version)\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported")
    }

    private func expectRefusal(_ bytes: String, _ status: String) async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send(bytes)
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.contains("connection: close\r\n"))
            #expect(answer.split(separator: "HTTP/1.1 ").count == 1)
            await connection.close()
        }
    }

    @Test("a body announced above the limit is answered 413 before it is read")
    func announcedTooLarge() async throws {
        try await withServer(route: TestRoute(maxBody: 10)) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /big HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n")
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
            #expect(answer.hasSuffix("fault bodyTooLarge(limit: 10) head /big"))
            await connection.close()
        }
    }

    @Test("a body of exactly the limit is taken")
    func exactlyLimit() async throws {
        try await withServer(route: TestRoute(maxBody: 3)) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            #expect(await connection.received(until: "]").hasSuffix("[abc]"))
            await connection.close()
        }
    }

    @Test("a chunked body is answered 413 where it passes the limit, not at its end")
    func chunkedTooLarge() async throws {
        try await withServer(route: TestRoute(maxBody: 10)) { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /big HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n123")
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            await connection.close()
        }
    }

    @Test("a sender who writes all of a refused body before reading still reads the refusal, and no reset")
    func refusalIsSeen() async throws {
        try await withServer(route: TestRoute(maxBody: 10)) { _, port in
            let connection = try await RawConnection.open(port: port, autoRead: false)
            let body = String(repeating: "x", count: 3 << 20)
            // Returns only when the last byte has left: a server that stopped reading would leave it hanging or reset it.
            try await connection.send("POST /big HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n" + body)
            try await connection.readOn()
            #expect(await connection.receivedToEnd().hasPrefix("HTTP/1.1 413 "))
            #expect(!connection.wasReset)
            await connection.close()
        }
    }

    @Test("a refusal by the route on the head alone closes, and is read even by who has sent more behind it")
    func refusedWithoutBody() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port, autoRead: false)
            let refused = "GET /forbidden HTTP/1.1\r\nHost: h\r\n\r\n"
            try await connection.send(refused)
            // Arrives whenever it does: with the refused request, while it is answered or after.
            try await connection.send(refused + "GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            try await connection.readOn()
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
            #expect(answer.contains("connection: close\r\n"))
            #expect(answer.split(separator: "HTTP/1.1 ").count == 1)
            #expect(!connection.wasReset)
            await connection.close()
        }
    }

    @Test("who was refused and goes on without closing is cut off soon", .timeLimit(.minutes(1)))
    func refusedAndSilent() async throws {
        try await withServer(configure: { $0.maxConnections = 1 }) { _, port in
            let refused = try await RawConnection.open(port: port)
            try await refused.send("GET /forbidden HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = await refused.received(until: "no")
            // Its place is free only once the server has let go of it.
            let next = try await RawConnection.open(port: port)
            try await next.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await next.received(until: "GET /a - []").hasPrefix("HTTP/1.1 200 OK"))
            await next.close()
            await refused.close()
        }
    }

    @Test("a refusal by the route on the head alone closes when a body was announced")
    func refusedWithBody() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /forbidden HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nGET /smuggled")
            let answer = await connection.receivedToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 403 ") && answer.contains("connection: close\r\n") && answer.hasSuffix("\r\n\r\nno"))
            await connection.close()
        }
    }

    @Test("a header block above its limit is answered 431, finished or not", arguments: [true, false])
    func headersTooLarge(isFinished: Bool) async throws {
        try await withServer(configure: { $0.maxHeaderBytes = 1024 }) { _, port in
            let connection = try await RawConnection.open(port: port)
            let long = "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "y", count: 1024)
            try await connection.send(long + (isFinished ? "\r\n\r\n" : ""))
            #expect(await connection.receivedToEnd().hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"))
            await connection.close()
        }
    }

    @Test("the hundredth header field is taken, the next is answered 431")
    func headerCount() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            func request(_ count: Int) -> String {
                "GET /a HTTP/1.1\r\nHost: h\r\n" + (1..<count).map { "x-\($0): y\r\n" }.joined() + "\r\n"
            }
            try await connection.send(request(100))
            #expect(await connection.received(until: "GET /a").hasPrefix("HTTP/1.1 200 "))
            try await connection.send(request(101))
            #expect(await connection.receivedToEnd().contains("HTTP/1.1 431 "))
            await connection.close()
        }
    }
}
