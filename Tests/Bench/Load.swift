import Foundation
import NIOPosix
import RelayCore
import RelayHTTP

/// Signed deliveries of as many users, over a fixed number of connections.
enum Load {
    static let secret = Array("benchmark-secret".utf8)

    struct Result: CustomStringConvertible {
        var rate = 0.0
        var p50 = 0.0
        var p99 = 0.0
        /// Of the whole process, the client's included, for one delivery: hardly moved by what else the machine is doing.
        var cpu = 0.0

        var description: String {
            "\(Int(rate))/s p50 \(Self.milliseconds(p50)) p99 \(Self.milliseconds(p99)) cpu \(Int(cpu * 1e6)) µs"
        }

        private static func milliseconds(_ seconds: Double) -> String { "\((seconds * 10_000).rounded() / 10) ms" }
    }

    static func run(
        port: Int,
        connections: Int,
        count: Int,
        label: String,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> Result {
        let requests = (0..<count).map { number in
            let user = EventID(naming: Array("\(label)|\(number)".utf8)).description
            let body = Array(
                #"{"event":"users.fully_synced","name":"bench","data":{"user":"\#(user)","resource":{"id":"\#(user)","accounts_connected":["\#(user)","0187c66e-e7e5-811c-b006-2232f00f426a"],"items_connected":["item_000000001","item_000000002"],"employers_connected":["Whole Goods","Bullseye"],"external_metadata":{"plan":"gold","n":1.50},"external_id":"July_Connection","created_at":"2023-04-27T07:02:01.279Z"}}}"#
                    .utf8
            )
            return (body, Hexadecimal.encode(Digest.hmac(.sha512, key: secret, message: body)))
        }
        let client = try HTTPClient(configuration: HTTPClient.Configuration(maxConnections: connections), group: group)
        let url = try HTTPURL("http://127.0.0.1:\(port)/webhooks/argyle")
        let started = DispatchTime.now().uptimeNanoseconds
        let startedCPU = clock()
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { tasks in
            for lane in 0..<connections {
                tasks.addTask {
                    var latencies: [Double] = []
                    for number in stride(from: lane, to: count, by: connections) {
                        let (body, signature) = requests[number]
                        let sent = DispatchTime.now().uptimeNanoseconds
                        let response = try await client.execute(
                            method: "POST",
                            url: url,
                            headers: [("X-Argyle-Signature", signature)],
                            body: body
                        )
                        guard response.status == 200 else { throw Failure(status: response.status) }
                        latencies.append(Double(DispatchTime.now().uptimeNanoseconds - sent) / 1e9)
                    }
                    return latencies
                }
            }
            return try await tasks.reduce(into: [Double]()) { $0 += $1 }.sorted()
        }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - started) / 1e9
        let cpu = Double(clock() - startedCPU) / Double(CLOCKS_PER_SEC) / Double(count)
        await client.shutdown()
        return Result(
            rate: Double(count) / seconds,
            p50: latencies[latencies.count / 2],
            p99: latencies[latencies.count * 99 / 100],
            cpu: cpu
        )
    }

    struct Failure: Error {
        let status: Int
    }
}
