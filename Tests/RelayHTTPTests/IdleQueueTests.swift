import NIOCore
import NIOEmbedded
import Testing

@testable import RelayHTTP

@Suite("The order in which connections give way", .timeLimit(.minutes(5)))
struct IdleQueueTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test("the longest idle first, whatever the order of their coming; who was busy meanwhile is passed over")
    func order() throws {
        let registry = ConnectionRegistry()
        defer { finish(registry) }
        let places = try (0..<400).map { number in
            let place = try place(in: registry)
            place.set(idleSince: start + .milliseconds(Int64(number * 7919 % 400)))
            return place
        }
        places[0].set(idleSince: nil)
        var queue = IdleQueue()
        var times: [UInt64] = []
        while let (place, since) = queue.next(of: registry, idleSince: start + .seconds(1)) {
            times.append(since)
            place.set(idleSince: nil)
            // It began a request and ended it: of those that are kept it was next, of all it is last.
            if times.count == 1, let second = places.first(where: { $0.idle == (start + .milliseconds(2)).uptimeNanoseconds }) {
                second.set(idleSince: start + .milliseconds(900))
            }
        }
        #expect(times == times.sorted() && times.count == 399)
        #expect(times.last == (start + .milliseconds(900)).uptimeNanoseconds)
    }

    @Test("who has not been idle for long enough gives way to nobody")
    func leastIdle() throws {
        let registry = ConnectionRegistry()
        defer { finish(registry) }
        try place(in: registry).set(idleSince: start)
        var queue = IdleQueue()
        #expect(queue.next(of: registry, idleSince: start - .nanoseconds(1)) == nil)
        #expect(queue.next(of: registry, idleSince: start)?.since == start.uptimeNanoseconds)
    }

    private func place(in registry: ConnectionRegistry) throws -> Place {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let place = Place(channel: channel)
        #expect(registry.add(place))
        return place
    }

    private func finish(_ registry: ConnectionRegistry) {
        for place in registry.places { _ = try? (place.channel as? EmbeddedChannel)?.finish(acceptAlreadyClosed: true) }
    }
}
