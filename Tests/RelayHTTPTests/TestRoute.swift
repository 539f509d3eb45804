import Logging
import NIOCore
import Synchronization

@testable import RelayHTTP

/// A route for tests: echoes, says which fault it was told of, and holds the requests to `/hold` until they are let go.
final class TestRoute: HTTPRoute {
    let maxBody: Int
    /// Whether who connects from now on is let in.
    let isAdmitting = Atomic(true)
    let held = Gate()
    let arrived = Gate()
    private let seen = Mutex((ends: [HTTPConnectionEnd](), faults: [HTTPFault]()))

    /// How connections ended, in order, and the faults that were to be worded.
    var ends: [HTTPConnectionEnd] { seen.withLock { $0.ends } }
    var faults: [HTTPFault] { seen.withLock { $0.faults } }

    init(maxBody: Int = 1024) {
        self.maxBody = maxBody
    }

    func admits(_ peer: PeerAddress) -> Bool { isAdmitting.load(ordering: .relaxed) }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        switch head.path {
        case "/forbidden": .answer(.text(status: 403, "no"))
        default: .read(maxBody: maxBody)
        }
    }

    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        switch head.path {
        case "/hold":
            arrived.open()
            await held.wait()
            return .text("held")
        case "/large":
            return HTTPServerResponse(status: 200, body: [UInt8](repeating: 0x78, count: Int(head.query ?? "") ?? 0))
        case "/headers":
            return .text(head.headers.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"))
        case "/split":
            return HTTPServerResponse(status: 200, headers: [("x-a", "1\r\nx-injected: 2"), ("content-length", "999")])
        case "/nothing":
            return HTTPServerResponse(status: 204)
        default:
            return .text("\(head.method) \(head.path) \(head.query ?? "-") [\(String(decoding: body, as: UTF8.self))]")
        }
    }

    func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse {
        // A request that was cut off will not arrive any more: nobody is to wait for it.
        arrived.open()
        seen.withLock { $0.faults.append(fault) }
        return .text(status: fault.status, "fault \(fault) head \(head?.path ?? "none")")
    }
}

extension TestRoute {
    func closed(_ end: HTTPConnectionEnd) { seen.withLock { $0.ends.append(end) } }
}

/// Lets tasks wait until it is opened, once and for all.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiters: [CheckedContinuation<Void, Never>]()))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// Runs `body` against a server on a free port and shuts it down after.
@discardableResult
func withServer<R>(
    route: any HTTPRoute = TestRoute(),
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: (HTTPServer, Int) async throws -> R
) async throws -> R {
    var configuration = HTTPServer.Configuration(host: "127.0.0.1", port: 0)
    configure(&configuration)
    let server = HTTPServer(configuration: configuration, route: route, group: testGroup, logger: Logger(label: "test"))
    try await server.start()
    guard let port = server.boundPort else { throw ChannelError.ioOnClosedChannel }
    do {
        let result = try await body(server, port)
        await server.shutdown(grace: .zero)
        return result
    } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
}
