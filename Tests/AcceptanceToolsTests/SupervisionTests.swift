import Glibc
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

    @Test("a name of the abstract namespace is reached, and what its reader had no room for is owed and told in its last state")
    func abstractAndFull() throws {
        let manager = try AbstractListener(buffer: 1)
        let notify = try NotifySocket("@" + manager.name)
        notify.ready()
        #expect(manager.next() == "READY=1")
        for number in 0..<5000 { notify.status("\(number)") }
        notify.stopping()
        var last: [String] = []
        while let notice = manager.next() { last.append(notice) }
        #expect(last.first == "STATUS=0")
        #expect(last.count < 5000)
        notify.status("5000")
        #expect(manager.next() == "STOPPING=1\nSTATUS=5000")
        #expect(manager.next() == nil)
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

/// A manager's datagram socket with an abstract name (unix(7)) that keeps few datagrams.
private final class AbstractListener {
    struct CannotBind: Error {}

    let name = "argyle-relay-test-\(UInt64.random(in: 0...UInt64.max))"
    private let descriptor: Int32

    /// - Parameter buffer: bytes; the kernel takes its own least instead of fewer.
    init(buffer: Int32) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = [0] + Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
        var buffer = buffer
        guard isBound, setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, 4) == 0 else { throw CannotBind() }
    }

    deinit { close(descriptor) }

    /// The oldest datagram that waits; nil where none does.
    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
