import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import RelayClient

/// What servers of other makes answer, byte by byte, and what becomes of those that do not.
@Suite("The client and odd servers", .timeLimit(.minutes(2)))
struct OddServerTests {
    @Test(
        "every framing that HTTP/1.1 knows is read",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nx-late: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.0 200 OK\r\n\r\nhello",
            "HTTP/1.1 103 Early Hints\r\nx-late: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ]
    )
    func framings(answer: String) async throws {
        try await withScriptedServer([answer]) { port in
            try await withClient { client in
                let response = try await client.execute(url: "http://127.0.0.1:\(port)/")
                #expect(response.status == 200)
                #expect(String(decoding: response.body, as: UTF8.self) == "hello")
                #expect(response.headers.first(name: "x-late") == nil)
            }
        }
    }

    @Test(
        "an answer that is cut is an error",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        ]
    )
    func cut(answer: String) async throws {
        try await withScriptedServer([answer]) { port in
            try await withClient { client in
                await #expect(throws: HTTPClientError.connectionClosed) {
                    try await client.execute(method: "POST", url: "http://127.0.0.1:\(port)/")
                }
            }
        }
    }

    @Test(
        "an answer that is no HTTP is told as such",
        arguments: ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
    )
    func strange(answer: String) async throws {
        try await withScriptedServer([answer]) { port in
            try await withClient { client in
                do throws(HTTPClientError) {
                    _ = try await client.execute(url: "http://127.0.0.1:\(port)/")
                    Issue.record("it was taken for an answer")
                } catch {
                    guard case .malformedResponse = error else {
                        Issue.record("\(error)")
                        return
                    }
                }
            }
        }
    }

    @Test("a redirect is an answer like any other, and a cookie is forgotten")
    func redirect() async throws {
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
        try await withScriptedServer([answer]) { port in
            try await withClient { client in
                let response = try await client.execute(url: "http://127.0.0.1:\(port)/")
                #expect(response.status == 302 && response.headers.first(name: "location") == "http://127.0.0.1:1/")
            }
        }
    }

    @Test("what a dead kept connection swallowed is sent again when its method allows, and only then")
    func deadConnection() async throws {
        let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        // The second request of each connection gets no answer.
        for (method, body, isRepeated) in [("GET", nil, true), ("PUT", "b", true), ("POST", "b", false)] as [(String, String?, Bool)] {
            try await withScriptedServer([good, ""]) { port in
                try await withClient(.init(maxConnections: 1)) { client in
                    let url = "http://127.0.0.1:\(port)/"
                    let bytes = body.map { Array($0.utf8) }
                    _ = try await client.execute(method: method, url: url, body: bytes)
                    if isRepeated {
                        let again = try await client.execute(method: method, url: url, body: bytes)
                        #expect(again.status == 200)
                    } else {
                        await #expect(throws: HTTPClientError.connectionClosed) {
                            try await client.execute(method: method, url: url, body: bytes)
                        }
                    }
                }
            }
        }
    }

    @Test("a POST without a body never meets a connection that was used before")
    func freshConnection() async throws {
        let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        let requests = Atomic(0)
        try await withScriptedServer([good, ""], onRequest: { requests.add(1, ordering: .relaxed) }) { port in
            try await withClient(.init(maxConnections: 1)) { client in
                for _ in 0..<3 {
                    let response = try await client.execute(method: "POST", url: "http://127.0.0.1:\(port)/")
                    #expect(response.status == 200)
                }
            }
        }
        // libcurl would have sent again what the second request of a connection met.
        #expect(requests.load(ordering: .relaxed) == 3)
    }

    @Test("a peer that closes at once is told as just that, however soon it does")
    func closedAtOnce() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.close() }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await withClient { client in
            var told: Set<String> = []
            for _ in 0..<500 {
                do { _ = try await client.execute(url: "http://127.0.0.1:\(port)/") } catch { told.insert("\(error)") }
            }
            #expect(told == ["\(HTTPClientError.connectionClosed)"])
        }
        try await listener.close()
    }

    @Test("nobody listening and a name that does not resolve are told apart")
    func refused() async throws {
        let socket = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(socket.localAddress?.port)
        try await socket.close().get()
        try await withClient { client in
            await #expect(throws: HTTPClientError.connectionRefused(host: "127.0.0.1", port: port)) {
                try await client.execute(url: "http://127.0.0.1:\(port)/")
            }
            await #expect(throws: HTTPClientError.cannotResolve(host: "no.such.host.invalid")) {
                try await client.execute(url: "http://no.such.host.invalid/")
            }
        }
    }
}
