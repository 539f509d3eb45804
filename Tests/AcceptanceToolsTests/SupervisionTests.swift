import Testing

@testable import ArgyleRelay

@Suite("What a service manager hands over", .timeLimit(.minutes(5)))
struct SupervisionTests {
    private func descriptors(_ names: String?, count: String = "1", owner: String = "7") throws -> [String] {
        var environment = ["LISTEN_PID": owner, "LISTEN_FDS": count]
        environment["LISTEN_FDNAMES"] = names
        return try InheritedSockets.descriptors(environment, process: 7).map { "\($0.0.rawValue) \($0.1)" }
    }

    @Test("sockets are told by their names, and without names by their order")
    func names() throws {
        #expect(try descriptors("admin:ingress", count: "2") == ["admin 3", "ingress 4"])
        #expect(try descriptors("admin") == ["admin 3"])
        #expect(try descriptors(nil, count: "2") == ["ingress 3", "admin 4"])
        #expect(try descriptors("argyle-relay.socket:argyle-relay.socket", count: "2") == ["ingress 3", "admin 4"])
        #expect(try descriptors("unknown") == ["ingress 3"])
        #expect(try descriptors("ingress", owner: "8") == [])
        #expect(try InheritedSockets.descriptors(["LISTEN_FDS": "1"], process: 7).isEmpty)
    }

    @Test("what cannot be meant is refused", arguments: ["ingres", "ingress:ingress", "ingress:unknown", ""])
    func refused(names: String) {
        let count = names.contains(":") ? "2" : names.isEmpty ? "3" : "1"
        #expect(throws: StartFailure.self) { try descriptors(names.isEmpty ? nil : names, count: count) }
        for count in ["0", "-1", "x", ""] { #expect(throws: StartFailure.self) { try descriptors("ingress", count: count) } }
    }

    @Test("a socket that nobody reads or that is no place for one holds nothing up")
    func notify() throws {
        for path in ["vsock:2:1234", "relative", "/" + String(repeating: "x", count: 120)] {
            #expect(throws: NotifySocket.Unusable.self) { try NotifySocket(path) }
        }
        let absent = try NotifySocket("@argyle-relay-test-\(UInt64.random(in: 0...UInt64.max))")
        for number in 0..<1000 { absent.status("\(number)") }
        absent.ready()
    }

    @Test("a watchdog that is meant for another process is not fed")
    func watchdog() throws {
        #expect(try Supervision(["WATCHDOG_USEC": "500000"], process: 7).watchdog == .milliseconds(500))
        #expect(try Supervision(["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "8"], process: 7).watchdog == nil)
        #expect(throws: StartFailure.self) { try Supervision(["WATCHDOG_USEC": "-1"], process: 7) }
    }

    @Test(
        "any part that stands still for half the interval has the watchdog starve, until it moves",
        arguments: [WatchdogFeed.Part.eventLoop(0), .outboxWriter, .kafkaPollThread]
    )
    func starves(part: WatchdogFeed.Part) {
        var feed = WatchdogFeed(interval: .seconds(10))
        let parts = [WatchdogFeed.Part.eventLoop(0), .outboxWriter, .kafkaPollThread]
        func beats(_ number: Int, _ still: Int?) -> [(part: WatchdogFeed.Part, beat: Int?)] {
            parts.map { (part: $0, beat: $0 == part ? still : number) }
        }
        for second in 0..<5 { #expect(feed.look(beats(second, 0), at: .seconds(second)).feeds) }
        #expect(feed.look(beats(5, 0), at: .seconds(5)) == WatchdogFeed.Verdict(feeds: false, stopped: [part]))
        // That it is gone is no beat.
        #expect(feed.look(beats(6, nil), at: .seconds(6)) == WatchdogFeed.Verdict(feeds: false))
        #expect(feed.look(beats(7, 1), at: .seconds(7)) == WatchdogFeed.Verdict(feeds: true, moving: [part]))
    }
}
