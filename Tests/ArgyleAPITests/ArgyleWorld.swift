import Foundation
import Logging
import NIOPosix
import RelayCore
import RelayHTTP
import Synchronization

/// Argyle's `/v2/accounts` and `/v2/users` in memory, as large as a customer's and as restless: accounts come, go and are refreshed between two
/// requests. Pages are cut as Argyle cuts them: by a cursor that points between accounts, the newest first.
final class ArgyleWorld: HTTPRoute {
    struct Account {
        var user: Int
        var number: Int
        /// Nil: never connected.
        var scanned: String? = ArgyleWorld.longAgo
        var connection = "connected"
        var isRetrieving = false
        var changed = ArgyleWorld.longAgo
    }

    /// What there is, as tests change it.
    struct Content {
        /// In order of creation; those that were deleted are nil.
        var accounts: [Account?] = []
        fileprivate var places: [Int: [Int]] = [:]

        mutating func add(_ account: Account) {
            places[account.user, default: []].append(accounts.count)
            accounts.append(account)
        }

        /// Deletes the accounts of a user for which `condition` holds.
        mutating func delete(of user: Int, _ condition: (Account) -> Bool = { _ in true }) {
            for place in places[user] ?? [] { if let account = accounts[place], condition(account) { accounts[place] = nil } }
        }

        /// Begins a refresh of all accounts of a user, which Argyle shows as it shows a first retrieval.
        mutating func refresh(_ user: Int) {
            for place in places[user] ?? [] {
                accounts[place]?.isRetrieving = true
                accounts[place]?.changed = ArgyleWorld.now
            }
        }

        func accounts(of user: Int) -> [Int] { (places[user] ?? []).filter { accounts[$0] != nil } }
    }

    /// Called before each request is served, with its number, which counts from 1, and its target; may answer in its place.
    typealias Disturbance = @Sendable (Int, String, inout Content) -> HTTPServerResponse?

    private struct State {
        var content = Content()
        var requests: [String] = []
        var disturbance: Disturbance = { _, _, _ in nil }
        var meanwhile: @Sendable (String) async -> Void = { _ in }
    }

    static let longAgo = "2024-05-03T18:30:09.761659Z"
    static var now: String { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).description }
    private let state = Mutex(State())

    /// Method and target of each request, in order.
    var requests: [String] { state.withLock { $0.requests } }

    func change(_ body: (inout Content) -> Void) { state.withLock { body(&$0.content) } }

    func disturb(_ disturbance: @escaping Disturbance) { state.withLock { $0.disturbance = disturbance } }

    /// Has `body` run, with the target, before each request is served.
    func meanwhile(_ body: @escaping @Sendable (String) async -> Void) { state.withLock { $0.meanwhile = body } }

    static func user(_ number: Int) -> String { "018051aa-f7a9-a0db-2f38-" + digits(number) }
    static func account(_ user: Int, _ number: Int) -> String { "0185a8b8-60eb-80ca-7482-" + digits(user * 10 + number) }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: 12 - text.count) + text
    }

    /// What Argyle delivers of a user with these accounts, indented as it does.
    static func delivery(_ user: Int, _ accounts: some Sequence<Int>) -> [UInt8] {
        let list = accounts.map { "        \"\(account(user, $0))\"" }.joined(separator: ",\n")
        return Array(
            """
            {
              "event": "users.fully_synced",
              "name": "world",
              "data": {
                "user": "\(Self.user(user))",
                "resource": {
                  "id": "\(Self.user(user))",
                  "accounts_connected": [
            \(list)
                  ],
                  "external_metadata": { "rate": 1.10 },
                  "external_id": "mine-\(user)"
                }
              }
            }
            """.utf8
        )
    }

    func admit(_ head: HTTPRequestHead) -> HTTPAdmission { .read(maxBody: 1 << 20) }

    func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse { .text(status: fault.status, "") }

    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        let target = head.path + (head.query.map { "?" + $0 } ?? "")
        let authority = head.headers.first(name: "Host") ?? ""
        await state.withLock { $0.meanwhile }(target)
        return state.withLock { state in
            state.requests.append("\(head.method) \(target)")
            guard head.headers.first(name: "Authorization") == ArgyleDouble.credential else {
                return .json(status: 401, #"{"detail":"Incorrect authentication credentials."}"#)
            }
            if let answer = state.disturbance(state.requests.count, target, &state.content) { return answer }
            guard head.method == "GET" else { return .json(status: 405, #"{"detail":"Method not allowed."}"#) }
            if head.path == "/v2/accounts" { return Self.list(head.query ?? "", authority, state.content) }
            guard head.path.hasPrefix("/v2/users/"), let user = Int(head.path.suffix(12)), !state.content.accounts(of: user).isEmpty else {
                return .json(status: 404, #"{"detail":"Not found."}"#)
            }
            return .json(
                """
                {
                  "id": "\(Self.user(user))", "items_connected": ["item_\(user)"], "employers_connected": ["Whole Goods"],
                  "external_metadata": { "rate": 1.10 }, "external_id": "mine-\(user)", "created_at": "2023-04-27T07:02:01.279Z"
                }
                """
            )
        }
    }

    private static func list(_ query: String, _ authority: String, _ content: Content) -> HTTPServerResponse {
        var parameters: [Substring: Substring] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            parameters[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        let limit = min(200, parameters["limit"].flatMap { Int($0) } ?? 10)
        let below = parameters["cursor"].flatMap { Int($0) } ?? content.accounts.count
        let places: [Int] =
            if let user = parameters["user"].flatMap({ Int($0.suffix(12)) }) {
                content.accounts(of: user).filter { $0 < below }.reversed()
            } else {
                Array((0..<below).reversed().lazy.filter { content.accounts[$0] != nil }.prefix(limit + 1))
            }
        let shown = places.prefix(limit).compactMap { content.accounts[$0].map(json) }
        let user = parameters["user"].map { "&user=\($0)" } ?? ""
        // The last account of a page is the first of the next, now and then.
        let next = places.prefix(limit).last.map { $0 % 3 == 0 && limit > 1 ? $0 + 1 : $0 } ?? 0
        let link = places.count > limit ? "\"http://\(authority)/v2/accounts?limit=\(limit)&cursor=\(next)\(user)\"" : "null"
        return .json(#"{"next":\#(link),"previous":null,"results":["# + shown.joined(separator: ",") + "]}")
    }

    private static func json(_ account: Account) -> String {
        let part = #"{"status":"\#(account.isRetrieving ? "in_progress" : "synced")","updated_at":"\#(account.changed)"}"#
        return """
            {"id":"\(Self.account(account.user, account.number))","user":"\(user(account.user))","employers":["Whole Goods"],
            "item":"item_\(account.user)","source":"argyle_sandbox","created_at":"\(longAgo)","updated_at":"\(account.changed)",
            "scanned_at":\(account.scanned.map { "\"\($0)\"" } ?? "null"),
            "connection":{"status":"\(account.connection)","error_code":null,"updated_at":"\(longAgo)"},
            "availability":{"gigs":null,"shifts":{"status":"sync_failed","updated_at":null},"paystubs":\(part),
            "payroll_documents":null,"identities":{"status":"synced","updated_at":"\(longAgo)","available_count":3},"ratings":null,
            "vehicles":null,"deposit_destinations":null,"user_forms":{"status":"in_progress"},"user_uploads":null},
            "ongoing_refresh":{"status":"enabled"}}
            """
    }
}

/// Runs `body` with a world listening on loopback, and its URL.
func withWorld(_ body: (ArgyleWorld, String) async throws -> Void) async throws {
    let world = ArgyleWorld()
    let server = HTTPServer(
        configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0),
        route: world,
        group: MultiThreadedEventLoopGroup.singleton,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    try await server.start()
    let result: Result<Void, any Error>
    do { result = .success(try await body(world, "http://127.0.0.1:\(server.boundPort ?? 0)")) } catch { result = .failure(error) }
    await server.shutdown(grace: .seconds(1))
    try result.get()
}
