import Foundation
import RelayTestSupport
import Testing

@testable import RelayClient

/// The client and Node's HTTP/2 server, which speaks nothing older.
@Suite("The client over HTTP/2", .enabled(if: HTTP2Server.isPossible, "takes node"), .timeLimit(.minutes(2)))
struct HTTP2Tests {
    @Test("bodies of any size go there and come back, several at once over one connection")
    func roundTrip() async throws {
        try await HTTP2Server.run { url, tls in
            try await withClient(.init(maxConnections: 1, tls: tls)) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for size in [0, 1, 16 << 10, 300_000, 1 << 20] {
                        group.addTask {
                            let body = [UInt8](repeating: 0x61, count: size)
                            let response = try await client.execute(method: "POST", url: url + "/echo", body: body)
                            #expect(response.status == 200)
                            #expect(response.body == body)
                            #expect(response.headers.first(name: "x-version") == "2.0")
                            #expect(response.headers.first(name: "x-session") == "1")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("a stream that is reset is an error that says so, and the next request is served")
    func reset() async throws {
        try await HTTP2Server.run { url, tls in
            try await withClient(.init(tls: tls)) { client in
                let error = await caught(HTTPClientError.self) { try await client.execute(url: url + "/reset") }
                #expect(error.map { "\($0)" } == "the server closed the connection before its response was complete")
                let response = try await client.execute(url: url + "/echo")
                #expect(response.status == 200)
            }
        }
    }

    @Test("a body above the limit is refused before it is in memory")
    func limit() async throws {
        try await HTTP2Server.run { url, tls in
            try await withClient(.init(maxResponseBody: 1000, tls: tls)) { client in
                await #expect(throws: HTTPClientError.self) {
                    try await client.execute(method: "POST", url: url + "/echo", body: [UInt8](repeating: 1, count: 1001))
                }
            }
        }
    }
}

private enum HTTP2Server {
    static let node = ["/usr/bin/node", "/usr/local/bin/node"].first(where: FileManager.default.isExecutableFile)
    static var isPossible: Bool { node != nil }

    /// Echoes what it is sent, and tells the version and the number of the connection; `/reset` resets the stream.
    private static let script = """
        const { createSecureServer, constants } = require('node:http2');
        const { readFileSync } = require('node:fs');
        const [certificate, key, port] = process.argv.slice(1);
        let sessions = 0;
        const server = createSecureServer({ allowHTTP1: false, cert: readFileSync(certificate), key: readFileSync(key) });
        server.on('session', (session) => { session.number = ++sessions; });
        server.on('stream', (stream, headers) => {
            stream.on('error', () => {});
            if (headers[':path'] === '/reset') return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
            stream.respond({ ':status': 200, 'x-version': '2.0', 'x-session': String(stream.session.number) });
            stream.pipe(stream);
        });
        server.listen(Number(port), '127.0.0.1', () => console.log('listening'));
        """

    static func run(_ body: (_ url: String, _ tls: TLSClientConfiguration) async throws -> Void) async throws {
        let certificates = try await Certificates()
        defer { certificates.folder.remove() }
        let port = try #require(try FreePorts.take(1).first)
        let arguments = ["-e", script, certificates.path("argyle.pem"), certificates.path("argyle.key"), "\(port)"]
        let server = try ServerProcess(try #require(node), arguments, environment: [:])
        try await server.line(containing: "listening")
        let tls = TLSClientConfiguration(caFile: certificates.path("ca.pem"))
        let result: Result<Void, any Error>
        do { result = .success(try await body("https://localhost:\(port)", tls)) } catch { result = .failure(error) }
        await server.end(SIGKILL)
        try result.get()
    }
}
