import Testing

@testable import RelayHTTP

@Suite("One connection's journey")
struct HTTPConnectionTests {
    @Test("a kept connection answers one request after the other")
    func keepAlive() async throws {
        try await withServer { _, port in
            let connection = try await RawConnection.open(port: port)
            try await connection.send("POST /a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            let first = await connection.received(until: "[abc]")
            #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(first.hasSuffix("\r\n\r\nPOST /a x=1 [abc]"))
            #expect(!first.contains("connection: close"))
            try await connection.send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            let second = await connection.received(until: "GET /b - []")
            #expect(second.hasSuffix("GET /b - []"))
            await connection.close()
        }
    }
}
