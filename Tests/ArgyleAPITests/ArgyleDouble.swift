import ArgyleAPI
import FoundationEssentials
import Logging
import NIOPosix
import RelayClient
import RelayCore
import RelayHTTP
import RelayTestSupport
import Synchronization

/// Argyle's `/v2/webhooks` in memory, as its OpenAPI document has it: basic authentication, required members, pages, and failures on demand.
final class ArgyleDouble: HTTPRoute {
    struct Stored: Codable, Equatable {
        var id: String
        var events: [String]
        var name: String
        var url: String
        var config: SubscriptionConfig?
        /// Argyle shows it in clear.
        var secret: String?
        var last_sent_at: String?

        /// Like Argyle: what is not there is null.
        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(id, forKey: .id)
            try members.encode(events, forKey: .events)
            try members.encode(name, forKey: .name)
            try members.encode(url, forKey: .url)
            try members.encode(config, forKey: .config)
            try members.encode(secret, forKey: .secret)
            try members.encode(last_sent_at, forKey: .last_sent_at)
        }
    }

    /// What happens to the next request, before or instead of its being served.
    enum Failure: Sendable {
        case answer(status: Int, body: String = "", headers: [(String, String)] = [])
        /// Served, but its sender is told something else.
        case servedButAnswered(status: Int, body: String = "")
        /// Not answered before the gate opens.
        case held(until: Gate)
    }

    private struct State {
        var stored: [Stored] = []
        var failures: [Failure] = []
        var requests: [String] = []
        var pageSize = 100
        var nextPage: ((Int) -> String)?
        var made = 0
    }

    private let state = Mutex(State())
    static let credential = "Basic " + Data("key-id:key-secret".utf8).base64EncodedString()

    var stored: [Stored] {
        get { state.withLock { $0.stored } }
        set { state.withLock { $0.stored = newValue } }
    }

    /// Method and target of each request, in order.
    var requests: [String] { state.withLock { $0.requests } }

    func fail(_ failures: Failure...) { state.withLock { $0.failures += failures } }

    func setPageSize(_ size: Int) { state.withLock { $0.pageSize = size } }

    /// Replaces the links to next pages; the argument is the index of the next element.
    func setNextPage(_ link: @escaping @Sendable (Int) -> String) { state.withLock { $0.nextPage = link } }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .read(maxBody: 1 << 20) }

    func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse { .text(status: fault.status, "") }

    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        let authority = head.headers.first(name: "Host") ?? ""
        let isKnown = head.headers.first(name: "Authorization") == Self.credential
        let (answer, gate): (HTTPServerResponse, Gate?) = state.withLock { state in
            state.requests.append("\(head.method) \(head.path)\(head.query.map { "?" + $0 } ?? "")")
            guard isKnown else { return (.json(status: 401, #"{"detail":"Incorrect authentication credentials."}"#), nil) }
            guard !state.failures.isEmpty else { return (Self.serve(head, body, authority, &state), nil) }
            switch state.failures.removeFirst() {
            case .answer(let status, let text, let headers): return (.json(status: status, text, headers: headers), nil)
            case .servedButAnswered(let status, let text):
                _ = Self.serve(head, body, authority, &state)
                return (.json(status: status, text), nil)
            case .held(let gate): return (.json(status: 503, "{}"), gate)
            }
        }
        await gate?.wait()
        return answer
    }

    private static func serve(_ head: HTTPRequestHead, _ body: [UInt8], _ authority: String, _ state: inout State) -> HTTPServerResponse {
        switch (head.method, head.path) {
        case ("GET", "/v2/webhooks"): return list(head.query ?? "", authority, state)
        case ("POST", "/v2/webhooks"): return create(body, &state)
        case ("DELETE", let path) where path.hasPrefix("/v2/webhooks/"):
            let id = String(path.dropFirst("/v2/webhooks/".count))
            guard let index = state.stored.firstIndex(where: { $0.id == id }) else {
                return .json(status: 404, #"{"detail":"Not found."}"#)
            }
            state.stored.remove(at: index)
            return HTTPServerResponse(status: 204)
        default: return .json(status: 404, #"{"detail":"Not found."}"#)
        }
    }

    private static func list(_ query: String, _ authority: String, _ state: State) -> HTTPServerResponse {
        let start = query.split(separator: "&").first { $0.hasPrefix("cursor=") }.flatMap { Int($0.dropFirst(7)) } ?? 0
        let end = min(start + state.pageSize, state.stored.count)
        let shown = Array(state.stored[min(start, end)..<end])
        let link = state.nextPage?(end) ?? "http://\(authority)/v2/webhooks?limit=\(state.pageSize)&cursor=\(end)"
        return encoded(Page(next: end < state.stored.count ? link : nil, previous: nil, results: shown))
    }

    /// `WebhookSubscriptionRequest`: `events`, `name` and `url` are required, `secret` is optional.
    private static func create(_ body: [UInt8], _ state: inout State) -> HTTPServerResponse {
        guard let request = try? JSONDecoder().decode(Creation.self, from: Data(body)) else {
            return .json(status: 400, #"{"events":["This field is required."],"name":["This field is required."]}"#)
        }
        guard request.url.hasPrefix("https://") else {
            return .json(status: 400, #"{"url":["Enter a valid URL."],"secret":["\#(request.secret ?? "") is fine"]}"#)
        }
        state.made += 1
        let made = Stored(
            id: "webhook-\(state.made)",
            events: request.events,
            name: request.name,
            url: request.url,
            config: request.config,
            secret: request.secret
        )
        state.stored.append(made)
        return encoded(made)
    }

    private static func encoded(_ value: some Encodable) -> HTTPServerResponse {
        guard let json = try? JSONEncoder().encode(value) else { return .json(status: 500, "") }
        return .json(Array(json))
    }

    private struct Page: Encodable {
        let next: String?
        let previous: String?
        let results: [Stored]
    }

    private struct Creation: Decodable {
        let events: [String]
        let name: String
        let url: String
        let config: SubscriptionConfig?
        let secret: String?
    }
}

/// A clock on which every pause is over at once, and is remembered.
final class PauseLog: Clock {
    typealias Instant = ContinuousClock.Instant
    private let log = Mutex<[Duration]>([])
    private let start = ContinuousClock.now
    var pauses: [Duration] { log.withLock { $0 } }
    var now: Instant { start }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        log.withLock { $0.append(deadline - start) }
    }
}

/// Runs `body` with the double listening on loopback and a client of it.
func withArgyle(
    credential: ArgyleClient.Credential = .init(id: "key-id", secret: "key-secret"),
    retry: RetryPolicy = RetryPolicy(),
    _ body: (ArgyleDouble, ArgyleClient, PauseLog) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let double = ArgyleDouble()
    let server = HTTPServer(
        configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0),
        route: double,
        group: group,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    try await server.start()
    let http = try HTTPClient()
    let clock = PauseLog()
    let client = try ArgyleClient(
        baseURL: "http://127.0.0.1:\(server.boundPort ?? 0)",
        credential: credential,
        http: http,
        clock: clock,
        time: TimeSource(now: { Timestamp(milliseconds: 1_700_000_000_000) }, uptime: { .zero }),
        retry: retry,
        random: { 1 }
    )
    let result: Result<Void, any Error>
    do { result = .success(try await body(double, client, clock)) } catch { result = .failure(error) }
    await http.shutdown()
    await server.shutdown(grace: .seconds(1))
    try result.get()
}
