import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    /// Memory over a connection's whole life: what passes through leaves nothing behind.
    @Suite("the memory of a connection", .timeLimit(.minutes(5)))
    struct ConnectionMemoryTests {
        /// MB resident at the most, the program itself included.
        private static let most = 80

        @Test("256 MiB of requests that straddle their writes, over one connection")
        func plain() async throws {
            try await withRelay(try RelayPlace()) { relay in
                let statuses = try await Self.straddle(256 << 20, to: relay.deliveries)
                #expect(statuses.keys.sorted() == [401])
                #expect(try #require(relay.peakMemory) < Self.most, "MB")
                #expect(relay.isRunning)
            }
        }

        @Test("64 MiB of them over TLS")
        func tls() async throws {
            let certificates = try await Certificates()
            defer { certificates.folder.remove() }
            let settings = [
                "http.tls.certificate_file": certificates.path("server.pem"), "http.tls.private_key_file": certificates.path("server.key"),
            ]
            try await withRelay(try RelayPlace(settings)) { relay in
                let authority = certificates.path("ca.pem")
                let statuses = try await Self.straddle(64 << 20, to: relay.deliveries, authority: authority)
                #expect(statuses.keys.sorted() == [401])
                #expect(try #require(relay.peakMemory) < Self.most, "MB")
            }
        }

        @Test("64 MiB of them on the admin listener")
        func admin() async throws {
            try await withRelay(try RelayPlace()) { relay in
                let statuses = try await Self.straddle(64 << 20, to: relay.admin + "/livez", method: "GET")
                #expect(statuses.keys.sorted() == [200])
                #expect(try #require(relay.peakMemory) < Self.most, "MB")
            }
        }

        /// Both halves of a request lie in its head, where an unread rest is kept as it came.
        private static func straddle(_ bytes: Int, to url: String, method: String = "POST", authority: String? = nil)
            async throws -> [Int: Int]
        {
            let url = try #require(URL(string: url))
            let head = "\(method) \(url.path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(method == "POST" ? 2 : 0)\r\nX-Padding: "
            let request = Array("\(head)\(String(repeating: "x", count: 12_000))\r\n\r\n\(method == "POST" ? "{}" : "")".utf8)
            let times = bytes / request.count
            let statuses = try await StraddlingSender.send(request, times: times, port: try #require(url.port), authority: authority)
            #expect(statuses.values.reduce(0, +) == times)
            return statuses
        }
    }
}
