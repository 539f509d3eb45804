import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import RelayHTTP

@Suite("Reading requests", .timeLimit(.minutes(5)))
struct HTTPRequestReaderTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\n\r\nGET /a?b=c?d HTTP/1.1\r\nHost:h\r\nX:  y \t \r\nEmpty:\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /p HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n000\r\nX: y\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: h\r\nConnection: close\r\n\r\n",
        "DELETE /x HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
        "GET http://h:80/abs?q HTTP/1.1\r\nHost: h:80\r\n\r\n",
    ]

    private struct Seen: Equatable {
        var line: String
        var headers: [String]
        var body: String
        var keepsAlive: Bool
    }

    @Test("a request is read the same however its bytes are cut", arguments: requests)
    func cuts(request: String) throws {
        let whole = try read([request])
        #expect(whole.count == 1)
        let bytes = Array(request.utf8)
        for cut in 1..<bytes.count {
            let parts = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(try read(parts) == whole)
        }
        #expect(try read(bytes.map { String(decoding: [$0], as: UTF8.self) }) == whole)
    }

    @Test("requests in a row are told apart")
    func inARow() throws {
        #expect(try read([Self.requests.joined()]) == Self.requests.flatMap { try read([$0]) })
    }

    // llhttp takes no Content-Length twice, though RFC 9112 6.3 lets equal ones pass, and leaves a tab at a value's end.
    private static let requestsForNIO = requests.filter { !$0.contains("5\r\nContent-Length") }

    @Test("NIO's own decoder, which is llhttp, reads the same", arguments: requestsForNIO)
    func sameAsNIO(request: String) throws {
        let ours = try #require(read([request]).first)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        try channel.writeInbound(ByteBuffer(string: request))
        var body = ""
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                let headers = head.headers.map { "\($0.name): \($0.value.trimmingBlanks())" }
                #expect(ours.line.hasPrefix("\(head.method.rawValue) "))
                #expect(ours.headers == headers)
                #expect(ours.keepsAlive == head.isKeepAlive)
            case .body(let bytes): body += String(buffer: bytes)
            case .end: #expect(ours.body == body)
            }
        }
        _ = try channel.finish()
    }

    @Test("an announced length reserves nothing before its bytes arrive")
    func reservation() throws {
        var body = try HTTPBodyReader(framing: .length(1 << 30), limit: 1 << 30)
        var first = ByteBuffer(string: "x")
        try body.consume(&first)
        #expect(body.bytes.capacity <= 128 << 10)
    }

    private func read(_ parts: [String]) throws -> [Seen] {
        let peer = try #require(PeerAddress("127.0.0.1"))
        var reader = HTTPRequestReader(limits: HTTPLimits())
        var head: RelayHTTP.HTTPRequestHead?
        var seen: [Seen] = []
        for part in parts {
            var bytes = ByteBuffer(string: part)
            reader.append(&bytes)
            while true {
                if head == nil {
                    guard let next = try reader.readHead(peer: peer) else { break }
                    try reader.beginBody(of: next, limit: 1000)
                    head = next
                }
                guard let current = head, let body = try reader.readBody() else { break }
                head = nil
                seen.append(
                    Seen(
                        line: "\(current.method) \(current.path) \(current.query ?? "-")",
                        headers: current.headers.pairs.map { "\($0.name): \($0.value)" },
                        body: String(decoding: body, as: UTF8.self),
                        keepsAlive: current.keepsAlive
                    )
                )
            }
        }
        #expect(reader.unreadBytes == 0)
        return seen
    }

}

extension String {
    fileprivate func trimmingBlanks() -> String {
        String(decoding: Array(utf8)[...].trimmingBlanks(), as: UTF8.self)
    }
}
