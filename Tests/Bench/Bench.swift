import Foundation
import Logging
import NIOCore
import NIOPosix
import RelayCore
import RelayHTTP
import RelayIngress
import RelayKafka
import RelayMetrics
import RelayOutbox
import RelayPublisher

/// Measures what accepting costs: the whole path (verify, recognise, sync to disk, publish to a broker in this process) as a ratio
/// against a bare route of the same server and bare routes on NIO's HTTP/1 pipeline, all driven by the same client
/// from a process of its own, in turns in the same minute.
@main
struct Bench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let connections = arguments.first ?? 64
        let deliveries = arguments.dropFirst().first ?? 20_000
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        var nio: [Load.Result] = []
        var async: [Load.Result] = []
        var bare: [Load.Result] = []
        var whole: [Load.Result] = []
        // For a profiler, which wants nothing else in its samples.
        if let only = CommandLine.arguments.dropFirst(3).first {
            let result =
                only == "bare"
                ? try await measureBare(connections, deliveries, group)
                : try await measureWhole(connections, deliveries, round: 0, group)
            print("\(only)  \(result)")
            return try await group.shutdownGracefully()
        }
        for round in 0..<3 {
            nio.append(try await measureNIO(connections, deliveries, group))
            async.append(try await measureAsync(connections, deliveries, group))
            bare.append(try await measureBare(connections, deliveries, group))
            whole.append(try await measureWhole(connections, deliveries, round: round, group))
        }
        print("connections \(connections), deliveries \(deliveries), rounds 3")
        for (name, results) in [
            ("bare NIO handler", nio), ("bare NIO async route", async), ("bare route of ours", bare), ("whole path", whole),
        ] {
            print(name.padding(toLength: 22, withPad: " ", startingAt: 0) + results.map(\.description).joined(separator: "   "))
        }
        print("accept rate of the whole path, as a median of ratios: \(median(whole, nio)) of the NIO handler,")
        print("\(median(whole, async)) of the NIO async route, \(median(whole, bare)) of our bare route")
        try await group.shutdownGracefully()
    }

    private static func median(_ measured: [Load.Result], _ yardstick: [Load.Result]) -> Double {
        let ratios = zip(measured, yardstick).map { $0.rate / $1.rate }.sorted()
        return (ratios[ratios.count / 2] * 100).rounded() / 100
    }

    private static func measureNIO(
        _ connections: Int,
        _ count: Int,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> Load.Result {
        let server = try await BareNIO.start(group)
        let result = try await Load.run(
            port: server.localAddress?.port ?? 0,
            connections: connections,
            count: count,
            label: "nio"
        )
        try await server.close().get()
        return result
    }

    private static func measureAsync(
        _ connections: Int,
        _ count: Int,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> Load.Result {
        let listener = try await BareAsyncNIO.start(group)
        async let serving: Void = BareAsyncNIO.serve(listener)
        let result = try await Load.run(
            port: listener.channel.localAddress?.port ?? 0,
            connections: connections,
            count: count,
            label: "async"
        )
        try await listener.channel.close().get()
        // Connections that the client has closed may end in an error.
        try? await serving
        return result
    }

    private static func measureBare(
        _ connections: Int,
        _ count: Int,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> Load.Result {
        let server = HTTPServer(
            configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0),
            route: BareRoute(),
            group: group,
            logger: quiet
        )
        try await server.start()
        let result = try await Load.run(port: server.boundPort ?? 0, connections: connections, count: count, label: "bare")
        await server.shutdown(grace: .seconds(1))
        return result
    }

    private static func measureWhole(
        _ connections: Int,
        _ count: Int,
        round: Int,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> Load.Result {
        let folder = FileManager.default.currentDirectoryPath + "/.build/bench-\(ProcessInfo.processInfo.processIdentifier)-\(round)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let time = TimeSource(
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) },
            uptime: { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) }
        )
        guard let routing = TopicRouting(template: "argyle.{event}", deadLetters: "argyle.dead-letter") else { return Load.Result() }
        let registry = MetricsRegistry()
        let outbox = try SQLiteOutbox(
            path: folder + "/outbox.sqlite",
            settings: SQLiteOutbox.Settings(
                source: "https://api.argyle.com/v2",
                includesRaw: false,
                routing: routing,
                limits: OutboxLimits(
                    maxPending: 1_000_000,
                    minFreeDisk: 0,
                    entryRetention: .seconds(86_400),
                    factRetention: nil
                )
            ),
            meters: OutboxMeters(registry),
            time: time,
            clock: ContinuousClock()
        )
        let broker = try EmbeddedBroker()
        try broker.createTopic("argyle.users.fully-synced", partitions: 6)
        let publisher = Publisher(
            settings: Publisher.Settings(
                mode: .structured,
                kafka: broker.settings,
                retry: BackOff.Bounds(initial: .milliseconds(200), maximum: .seconds(60))
            ),
            outbox: outbox,
            meters: PublishMeters(registry),
            time: time,
            clock: ContinuousClock(),
            logger: quiet
        )
        let route = WebhookRoute(
            path: "/webhooks/argyle",
            policy: IngressPolicy(
                verifier: SignatureVerifier(secrets: [Array(Load.secret.utf8)], required: true),
                filter: EventFilter(["*.fully_synced"]),
                access: .everyone,
                maxBody: 1 << 20
            ),
            outbox: outbox,
            meters: DeliveryMeters(registry, outcomes: deliveryOutcomes),
            time: time,
            logger: quiet
        )
        let server = HTTPServer(
            configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0),
            route: route,
            group: group,
            logger: quiet
        )
        async let storing: Void = outbox.run { publisher.handOver($0) }
        async let publishing: Void = publisher.run()
        try await server.start()
        let result = try await Load.run(
            port: server.boundPort ?? 0,
            connections: connections,
            count: count,
            label: "whole-\(round)"
        )
        await server.shutdown(grace: .seconds(1))
        publisher.stop()
        await publishing
        outbox.stop()
        await storing
        broker.close()
        return result
    }

    private static var quiet: Logger { Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() } }
}

/// Reads the body and answers 200: what any route on this server costs at least.
private struct BareRoute: HTTPRoute {
    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .read(maxBody: 1 << 20) }
    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse { .json(#"{"status":"accepted"}"#) }
    func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse { HTTPServerResponse(status: fault.status) }
}
