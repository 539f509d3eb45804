import RelayTestSupport
import Testing

@testable import RelayClient

@Suite("The client", .timeLimit(.minutes(2)))
struct HTTPClientTests {
    @Test("a request and its response arrive whole", arguments: ["GET", "POST", "PUT", "DELETE", "PATCH"])
    func roundTrip(method: String) async throws {
        try await TestServer.run { _, port in
            try await withClient { client in
                let response = try await client.execute(
                    method: method,
                    url: "http://127.0.0.1:\(port)/a/../b?x=%20y#z",
                    body: method == "POST" ? Array("hello".utf8) : nil
                )
                #expect(response.status == 200)
                #expect(response.headers.first(name: "Content-Type") == "text/plain; charset=utf-8")
                #expect(String(decoding: response.body, as: UTF8.self) == "\(method) /a/../b x=%20y [\(method == "POST" ? "hello" : "")]")
            }
        }
    }

    @Test("large bodies arrive whole, in both directions", arguments: [0, 1, 16 << 10, 3 << 20])
    func sizes(size: Int) async throws {
        try await TestServer.run { _, port in
            try await withClient { client in
                let body = [UInt8](repeating: 0x61, count: size)
                let response = try await client.execute(method: "POST", url: "http://127.0.0.1:\(port)/a", body: body)
                #expect(response.body == Array("POST /a - [".utf8) + body + Array("]".utf8))
            }
        }
    }

    @Test("headers go out as given, and none but those, Host and the body's length")
    func headers() async throws {
        try await TestServer.run { _, port in
            try await withClient { client in
                let url = "http://localhost:\(port)/headers"
                let plain = try await client.execute(url: url, headers: [("X-One", "1"), ("x-two", "2\t2"), ("x-three", "")])
                #expect(String(decoding: plain.body, as: UTF8.self) == "Host=localhost:\(port)\nX-One=1\nx-two=2\t2\nx-three=")
                let posted = try await client.execute(method: "POST", url: url, body: Array("a".utf8))
                #expect(String(decoding: posted.body, as: UTF8.self) == "Host=localhost:\(port)\nContent-Length=1")
            }
        }
    }

    @Test("a hundred requests at once share four connections")
    func poolBound() async throws {
        // The server would leave a fifth connection in its backlog, and the requests on it to their timeout.
        try await TestServer.run(maxConnections: 4) { _, port in
            try await withClient(.init(maxConnections: 4)) { client in
                let bodies = try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            String(decoding: try await client.execute(url: "http://127.0.0.1:\(port)/\(number)").body, as: UTF8.self)
                        }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(bodies == Set((0..<100).map { "GET /\($0) - []" }))
            }
        }
    }

    @Test("HEAD and 204 leave the connection in step")
    func bodiless() async throws {
        try await TestServer.run { _, port in
            try await withClient(.init(maxConnections: 1)) { client in
                let head = try await client.execute(method: "HEAD", url: "http://127.0.0.1:\(port)/a")
                #expect(head.status == 200 && head.body.isEmpty)
                let nothing = try await client.execute(url: "http://127.0.0.1:\(port)/nothing")
                #expect(nothing.status == 204)
                let next = try await client.execute(url: "http://127.0.0.1:\(port)/b")
                #expect(next.body == Array("GET /b - []".utf8))
            }
        }
    }

    @Test("no answer in time ends the request, and says how far it came: for those too that wait for a connection")
    func timeout() async throws {
        try await TestServer.run { server, port in
            try await withClient(.init(maxConnections: 1)) { client in
                let url = "http://127.0.0.1:\(port)/hold"
                let first = Task { try await client.execute(url: url, timeout: .milliseconds(400)) }
                await server.arrived.wait()
                await #expect(throws: HTTPClientError.timeout(.milliseconds(100), .waiting)) {
                    try await client.execute(url: url, timeout: .milliseconds(100))
                }
                await #expect(throws: HTTPClientError.timeout(.milliseconds(400), .responding)) { try await first.value }
                server.held.open()
                // The place of the connection that was given up is free again.
                let next = try await client.execute(url: "http://127.0.0.1:\(port)/b")
                #expect(next.status == 200)
            }
        }
    }

    @Test("a cancelled request ends at once, under way or waiting, and gives its place to the next")
    func cancelled() async throws {
        try await TestServer.run { server, port in
            try await withClient(.init(maxConnections: 1)) { client in
                let url = "http://127.0.0.1:\(port)/hold"
                let first = Task { try await client.execute(url: url, timeout: .seconds(600)) }
                await server.arrived.wait()
                let second = Task { try await client.execute(url: url, timeout: .seconds(600)) }
                let third = Task { try await client.execute(url: "http://127.0.0.1:\(port)/c", timeout: .seconds(20)) }
                second.cancel()
                await #expect(throws: HTTPClientError.cancelled) { try await second.value }
                first.cancel()
                await #expect(throws: HTTPClientError.cancelled) { try await first.value }
                let answer = try await third.value
                #expect(answer.status == 200)
            }
        }
    }

    @Test("a response above the limit is an error, not a cut body")
    func responseLimit() async throws {
        try await TestServer.run { _, port in
            try await withClient(.init(maxResponseBody: 1000)) { client in
                let largest = try await client.execute(url: "http://127.0.0.1:\(port)/large?1000")
                #expect(largest.body.count == 1000)
                await #expect(throws: HTTPClientError.responseTooLarge(limit: 1000)) {
                    try await client.execute(url: "http://127.0.0.1:\(port)/large?1001")
                }
            }
        }
    }

    @Test("requests that would break their own framing are not sent")
    func badRequests() async throws {
        try await withClient { client in
            for header in [("X", "a\r\nY: b"), ("X Y", "a"), ("Content-Length", "3"), ("", "x")] {
                await #expect(throws: HTTPClientError.self) { try await client.execute(url: "http://127.0.0.1:1/", headers: [header]) }
            }
            await #expect(throws: HTTPClientError.invalidRequest(reason: "its method is no token")) {
                try await client.execute(method: "GET /", url: "http://127.0.0.1:1/")
            }
        }
    }
}

func withClient(
    _ configuration: HTTPClient.Configuration = .init(),
    environment: [String: String] = [:],
    _ body: (HTTPClient) async throws -> Void
) async throws {
    let client = try HTTPClient(configuration: configuration) { environment[$0] }
    let result: Result<Void, any Error>
    do { result = .success(try await body(client)) } catch { result = .failure(error) }
    await client.shutdown()
    try result.get()
}
