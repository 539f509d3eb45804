import Dispatch
import Glibc
import NIOCore
import NIOPosix
import RelayCore

/// Drives a relay, or any route that takes its deliveries, as fast as it answers: `RelayLoad PORT CONNECTIONS COUNT LABEL SECRET`.
/// A process of its own, so that it shares no event loop with what it measures. Each delivery is a new user's; all are signed before the
/// clock starts. Prints answers a second and the 50th and 99th percentile of their latencies in seconds; fails at the first answer that is
/// not 200.
@main
struct Load {
    struct Usage: Error {}

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let port = Int(arguments[1]), let connections = Int(arguments[2]), let count = Int(arguments[3]),
            connections > 0, count >= connections
        else { throw Usage() }
        let secret = Array(arguments[5].utf8)
        let requests = (0..<count).map { request(number: $0, label: arguments[4], secret: secret) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        var channels: [any Channel] = []
        var ends: [EventLoopFuture<[UInt64]>] = []
        for lane in 0..<connections {
            let loop = group.next()
            let end = loop.makePromise(of: [UInt64].self)
            let own = stride(from: lane, to: count, by: connections).map { requests[$0] }
            channels.append(
                try await ClientBootstrap(group: loop)
                    .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Lane(own, end)) }
                    }
                    .connect(host: "127.0.0.1", port: port).get()
            )
            ends.append(end.futureResult)
        }
        let started = DispatchTime.now().uptimeNanoseconds
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(Lane.Start()) }
        var latencies: [UInt64] = []
        for end in ends { latencies += try await end.get() }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - started) / 1e9
        latencies.sort()
        func percentile(_ share: Int) -> Double { Double(latencies[latencies.count * share / 100]) / 1e9 }
        print(Double(count) / seconds, percentile(50), percentile(99))
        try await group.shutdownGracefully()
    }

    /// Head and body in one buffer.
    private static func request(number: Int, label: String, secret: [UInt8]) -> ByteBuffer {
        let user = EventID(naming: Array("\(label)|\(number)".utf8)).description
        let body = """
            {
              "event": "users.fully_synced",
              "name": "bench",
              "data": {
                "user": "\(user)",
                "resource": {
                  "id": "\(user)",
                  "accounts_connected": [
                    "\(user)",
                    "0187c66e-e7e5-811c-b006-2232f00f426a"
                  ],
                  "items_connected": [
                    "item_000000001",
                    "item_000000002"
                  ],
                  "employers_connected": [
                    "Whole Goods",
                    "Bullseye"
                  ],
                  "external_metadata": {
                    "plan": "gold",
                    "n": 1.50
                  },
                  "external_id": "July_Connection",
                  "created_at": "2023-04-27T07:02:01.279Z"
                }
              }
            }
            """
        let signature = Hexadecimal.encode(Digest.hmac(.sha512, key: secret, message: Array(body.utf8)))
        return ByteBuffer(
            string: "POST /webhooks/argyle HTTP/1.1\r\nhost: 127.0.0.1\r\nX-Argyle-Signature: \(signature)\r\n"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }
}
