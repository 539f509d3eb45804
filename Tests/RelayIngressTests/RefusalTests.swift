import RelayCore
import RelayHTTP
import RelayTestSupport
import Testing

@testable import RelayIngress

@Suite("What the route refuses, and says of it", .timeLimit(.minutes(5)))
struct RefusalTests {
    @Test(
        "a slash at the end is the same route, whichever way it is configured",
        arguments: [
            ("/a/b", ["/a/b", "/a/b/"], ["/a/b//", "/a", "/a/b/c", "/a/bb", "/"]), ("/a/b/", ["/a/b", "/a/b/"], ["/a/b//", "/a/"]),
            ("/", ["/"], ["//", "/a", "*"]),
        ]
    )
    func slash(configured: String, same: [String], other: [String]) throws {
        try withRoute(path: configured) { route, _ in
            for path in same {
                let status = Self.status(route.admit(try Self.head(path)))
                #expect(status == nil, "\(path)")
            }
            for path in other {
                let status = Self.status(route.admit(try Self.head(path)))
                #expect(status == 404, "\(path)")
            }
        }
    }

    @Test("the log names the path, on one line, without its query and not at any length")
    func path() throws {
        try withRoute(path: "/a") { route, log in
            _ = route.admit(try Self.head("/other", query: "key=secret"))
            _ = route.admit(try Self.head("/" + String(repeating: "x", count: 10_000)))
            _ = route.failure(.bodyTooLarge(limit: 1), head: try Self.head("/a"))
            #expect(log.lines.count == 3)
            #expect(log.lines[0].contains("code=not_found") && log.lines[0].contains("path=/other "))
            #expect(log.lines[1].utf8.count < 300)
            #expect(log.lines[2].contains("code=body_too_large") && log.lines[2].contains("path=/a "))
            #expect(!log.lines.joined().contains("secret"))
        }
    }

    @Test("each fault of the server has its status and code; only what passes is to be tried again")
    func faults() throws {
        let expected: [(HTTPFault, Int, String)] = [
            (.bodyTooLarge(limit: 1), 413, "body_too_large"), (.requestTimeout, 408, "request_timeout"),
            (.malformed(reason: "x"), 400, "malformed_request"), (.headersTooLarge(limit: 1), 431, "headers_too_large"),
            (.unsupportedTransferEncoding, 501, "transfer_encoding_unsupported"), (.unsupportedVersion, 505, "http_version_unsupported"),
        ]
        try withRoute(path: "/a") { route, _ in
            for (fault, status, code) in expected {
                let answer = route.failure(fault, head: nil)
                #expect(answer.status == status && fault.status == status)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("\"code\":\"\(code)\""))
                #expect(!answer.headers.contains { $0.0 == "retry-after" })
            }
        }
        for rejection in Rejection.allCases {
            let isTemporary = [.outboxFull, .diskLow, .storeFailed, .storeSlow, .stopping].contains(rejection)
            #expect(rejection.isTemporary == isTemporary, "\(rejection)")
        }
    }

    private static func head(_ path: String, query: String? = nil) throws -> HTTPRequestHead {
        HTTPRequestHead(method: "POST", path: path, query: query, peer: try #require(PeerAddress("192.0.2.1")))
    }

    private static func status(_ admission: HTTPAdmission) -> Int? {
        if case .answer(let response) = admission { response.status } else { nil }
    }

    private func withRoute(path: String, _ body: (WebhookRoute, LogLines) throws -> Void) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let stand = try IngressStand(in: folder, path: path)
        try body(stand.route, stand.log)
    }
}
