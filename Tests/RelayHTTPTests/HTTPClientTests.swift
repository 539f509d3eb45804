import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RelayHTTP

@Suite("The client")
struct HTTPClientTests {
    @Test("a request and its response arrive whole", arguments: ["GET", "POST", "PUT", "DELETE"])
    func roundTrip(method: String) async throws {
        try await withServer { _, port in
            try await withClient { client in
                let response = try await client.execute(
                    method: method,
                    url: "http://127.0.0.1:\(port)/a/b?x=%20y#z",
                    body: method == "POST" ? Array("hello".utf8) : nil
                )
                #expect(response.status == 200)
                #expect(response.headers.first(name: "Content-Type") == "text/plain; charset=utf-8")
                #expect(String(decoding: response.body, as: UTF8.self) == "\(method) /a/b x=%20y [\(method == "POST" ? "hello" : "")]")
            }
        }
    }

    @Test("a peer that closes at once is told as just that, however soon it does")
    func closedAtOnce() async throws {
        let listener = try await ServerBootstrap(group: testGroup)
            .childChannelInitializer { $0.close() }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await withClient { client in
            var told: Set<String> = []
            for _ in 0..<1000 {
                do { _ = try await client.execute(url: "http://localhost:\(port)/") } catch { told.insert("\(error)") }
            }
            #expect(told == ["\(HTTPClientError.connectionClosed)"])
        }
        try await listener.close()
    }

    @Test("headers go out as given and Host names the authority")
    func headers() async throws {
        try await withServer { _, port in
            try await withClient { client in
                let response = try await client.execute(
                    url: "http://localhost:\(port)/headers",
                    headers: [("X-One", "1"), ("x-two", "2\t2")]
                )
                let text = String(decoding: response.body, as: UTF8.self)
                #expect(text == "host=localhost:\(port)\nX-One=1\nx-two=2\t2")
            }
        }
    }

    @Test("a hundred requests at once share four connections")
    func poolBound() async throws {
        // The server would leave a fifth connection in its backlog, and the requests on it to their timeout.
        try await withServer(configure: { $0.maxConnections = 4 }) { _, port in
            try await withClient(.init(maxConnections: 4)) { client in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            String(decoding: try await client.execute(url: "http://127.0.0.1:\(port)/\(number)").body, as: UTF8.self)
                        }
                    }
                    var bodies = Set<String>()
                    for try await body in group { bodies.insert(body) }
                    #expect(bodies == Set((0..<100).map { "GET /\($0) - []" }))
                }
            }
        }
    }

    @Test("HEAD and 204 leave the connection in step")
    func bodiless() async throws {
        try await withServer { _, port in
            try await withClient(.init(maxConnections: 1)) { client in
                let value1 = try await client.execute(method: "HEAD", url: "http://127.0.0.1:\(port)/a")
                #expect(value1.body.isEmpty)
                let value2 = try await client.execute(url: "http://127.0.0.1:\(port)/nothing")
                #expect(value2.status == 204)
                let value3 = try await client.execute(url: "http://127.0.0.1:\(port)/b")
                #expect(value3.body == Array("GET /b - []".utf8))
            }
        }
    }

    @Test("nobody listening is told as such")
    func refused() async throws {
        let port = try await withServer { _, port in port }
        try await withClient { client in
            await #expect(throws: HTTPClientError.connectionRefused(host: "127.0.0.1", port: port)) {
                try await client.execute(url: "http://127.0.0.1:\(port)/")
            }
            await #expect(throws: HTTPClientError.cannotResolve(host: "no.such.host.invalid")) {
                try await client.execute(url: "http://no.such.host.invalid/")
            }
        }
    }

    @Test("no answer in time ends the request, for those too that wait for a connection")
    func timeout() async throws {
        let route = TestRoute()
        try await withServer(route: route) { _, port in
            try await withClient(.init(maxConnections: 1)) { client in
                let first = Task { try await client.execute(url: "http://127.0.0.1:\(port)/hold", timeout: .milliseconds(150)) }
                await #expect(throws: HTTPClientError.timeout(.milliseconds(100))) {
                    try await client.execute(url: "http://127.0.0.1:\(port)/hold", timeout: .milliseconds(100))
                }
                await #expect(throws: HTTPClientError.timeout(.milliseconds(150))) { try await first.value }
                route.held.open()
                // The slot of the connection that was given up is free again.
                let value4 = try await client.execute(url: "http://127.0.0.1:\(port)/b")
                #expect(value4.status == 200)
            }
        }
    }

    @Test("a cancelled request ends at once")
    func cancelled() async throws {
        let route = TestRoute()
        try await withServer(route: route) { _, port in
            try await withClient { client in
                let task = Task { try await client.execute(url: "http://127.0.0.1:\(port)/hold", timeout: .seconds(600)) }
                await route.arrived.wait()
                task.cancel()
                await #expect(throws: HTTPClientError.cancelled) { try await task.value }
                route.held.open()
            }
        }
    }

    @Test("a response above the limit is an error, not a cut body")
    func responseLimit() async throws {
        try await withServer { _, port in
            try await withClient(.init(maxResponseBody: 1000)) { client in
                let value5 = try await client.execute(url: "http://127.0.0.1:\(port)/large?1000")
                #expect(value5.body.count == 1000)
                await #expect(throws: HTTPClientError.responseTooLarge(limit: 1000)) {
                    try await client.execute(url: "http://127.0.0.1:\(port)/large?1001")
                }
            }
        }
    }

    @Test("a shut-down client refuses")
    func shutDown() async throws {
        let client = try HTTPClient(group: testGroup)
        await client.shutdown()
        await #expect(throws: HTTPClientError.shutDown) { try await client.execute(url: "http://127.0.0.1:1/") }
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

/// What servers of other makes answer, byte by byte.
@Suite("The client and odd servers")
struct HTTPClientOddServerTests {
    @Test(
        "every framing that HTTP/1.1 knows is read",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.0 200 OK\r\n\r\nhello",
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ]
    )
    func framings(answer: String) async throws {
        try await withScriptedServer(answer) { port in
            try await withClient { client in
                let response = try await client.execute(url: "http://127.0.0.1:\(port)/")
                #expect(response.status == 200)
                #expect(String(decoding: response.body, as: UTF8.self) == "hello")
            }
        }
    }

    @Test(
        "an answer that is cut or no HTTP is an error",
        arguments: [
            ("", HTTPClientError.connectionClosed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", .connectionClosed),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .connectionClosed),
            ("SSH-2.0-OpenSSH\r\n\r\n", .malformedResponse(reason: "no HTTP/1.x status line")),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .malformedResponse(reason: "Content-Length is no number")),
        ]
    )
    func broken(answer: String, expected: HTTPClientError) async throws {
        try await withScriptedServer(answer) { port in
            try await withClient { client in
                await #expect(throws: expected) { try await client.execute(method: "POST", url: "http://127.0.0.1:\(port)/") }
            }
        }
    }

    /// A server that answers the first bytes of each connection with `answer` and closes.
    private func withScriptedServer(_ answer: String, _ body: (Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: testGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Script(answer)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(channel.localAddress?.port ?? 0) } catch {
            try await channel.close().get()
            throw error
        }
        try await channel.close().get()
    }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: String
        init(_ answer: String) { self.answer = answer }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer))).whenComplete { _ in bound.value.close(promise: nil) }
        }
    }
}

func withClient(_ configuration: HTTPClient.Configuration = .init(), _ body: (HTTPClient) async throws -> Void) async throws {
    let client = try HTTPClient(configuration: configuration, group: testGroup)
    do { try await body(client) } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}
