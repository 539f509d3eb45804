import Foundation
import RelayAdmin
import RelayClient
import RelayConfiguration
import RelayCore
import RelayOutbox

/// The operations of a running relay, by its admin API.
struct RemoteOperations: OutboxOperations {
    let client: HTTPClient
    /// Without a slash at its end.
    let url: String
    let token: Secret?

    /// Nobody listens there.
    struct NoRelay: Error {}

    init(client: HTTPClient, admin: RelayConfiguration.Admin, token: Secret?) {
        self.client = client
        self.token = token
        url = Self.url(of: admin)
    }

    /// Where this machine reaches the admin listener, without a slash at its end.
    static func url(of admin: RelayConfiguration.Admin) -> String {
        let host =
            switch admin.host {
            case "0.0.0.0": "127.0.0.1"
            case "::", "[::]": "[::1]"
            case let host where host.contains(":") && !host.hasPrefix("["): "[\(host)]"
            case let host: host
            }
        return "http://\(host):\(admin.port)"
    }

    /// The relay's status; throws ``NoRelay`` where nothing listens.
    func find() async throws -> StatusReport {
        do throws(HTTPClientError) {
            _ = try await client.execute(url: url + "/livez", timeout: .seconds(5))
        } catch {
            if case .connectionRefused = error { throw NoRelay() }
            throw OperationFault.unavailable("\(url): \(error)")
        }
        return try await status()
    }

    func status() async throws(OperationFault) -> StatusReport { try await get("status") }

    func events(_ query: EventQuery) async throws(OperationFault) -> EventPage { try await get("events?" + query.urlQuery) }

    func event(_ id: EventID, includesData: Bool) async throws(OperationFault) -> EventRecord {
        try await get("events/\(id)" + (includesData ? "?data=true" : ""))
    }

    func retry(_ id: EventID) async throws(OperationFault) -> EventRecord { try await post("events/\(id)/retry", Nothing()) }

    func discard(_ id: EventID, reason: String) async throws(OperationFault) -> EventRecord {
        try await post("events/\(id)/discard", ["reason": reason])
    }

    func planReplay(_ order: ReplayOrder) async throws(OperationFault) -> ReplayCount {
        try await post("replays", ReplayBody(order: order, dryRun: true), timeout: .seconds(300))
    }

    func startReplay(_ order: ReplayOrder) async throws(OperationFault) -> ReplayRecord {
        try await post("replays", ReplayBody(order: order, dryRun: false), timeout: .seconds(300))
    }

    func replays() async throws(OperationFault) -> [ReplayRecord] {
        let list: ReplayList = try await get("replays")
        return list.replays
    }

    func replay(_ id: EventID) async throws(OperationFault) -> ReplayRecord { try await get("replays/\(id)") }

    func planReroute(from topic: TopicName) async throws(OperationFault) -> RerouteReport {
        try await post("reroutes", RerouteBody(topic: topic.text, dryRun: true), timeout: .seconds(300))
    }

    func reroute(from topic: TopicName) async throws(OperationFault) -> RerouteReport {
        try await post("reroutes", RerouteBody(topic: topic.text, dryRun: false), timeout: .seconds(3600))
    }

    func known(of users: [UserID]) async throws(OperationFault) -> [KnownUser] {
        let known: KnownUsers = try await post("reconcile/users", KnownUsersBody(users: users))
        return known.users
    }

    func takeIn(_ found: FoundFacts) async throws(OperationFault) -> [FoundFactOutcome] {
        let outcomes: FoundFactOutcomes = try await post("reconcile/facts", found)
        return outcomes.facts
    }

    func check() async throws(OperationFault) -> CheckReport { try await post("checks", Nothing(), timeout: .seconds(3600)) }

    func backup(to path: String) async throws(OperationFault) -> BackupReport {
        try await post("backups", ["path": path], timeout: .seconds(3600))
    }

    /// Has the relay read its configuration again.
    func reload() async throws(OperationFault) -> RotatingRelay.Reloaded { try await post("reload", Nothing()) }

    /// Prometheus' text, which wants no token.
    func metrics() async throws(OperationFault) -> String {
        let response: HTTPClientResponse
        do throws(HTTPClientError) { response = try await client.execute(url: url + "/metrics", timeout: .seconds(10)) } catch {
            throw .unavailable("\(url): \(error)")
        }
        guard response.status == 200 else { throw .unexpected("\(url) is no argyle-relay: it answers \(response.status)") }
        return String(decoding: response.body, as: UTF8.self)
    }

    private struct Nothing: Encodable {}

    private struct ProblemBody: Decodable {
        let code: String
        let title: String
        let detail: String?
    }

    private func get<Value: Decodable>(_ path: String) async throws(OperationFault) -> Value {
        try await send("GET", path, nil, .seconds(30))
    }

    private func post<Value: Decodable>(
        _ path: String,
        _ body: some Encodable,
        timeout: Duration = .seconds(30)
    ) async throws(OperationFault) -> Value {
        try await send("POST", path, AdminJSON.encode(body), timeout)
    }

    private func send<Value: Decodable>(
        _ method: String,
        _ path: String,
        _ body: [UInt8]?,
        _ timeout: Duration
    ) async throws(OperationFault) -> Value {
        var headers: [(String, String)] = body == nil ? [] : [("content-type", "application/json")]
        if let token { headers.append(("authorization", "Bearer \(token.revealText())")) }
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await client.execute(method: method, url: "\(url)/v1/\(path)", headers: headers, body: body, timeout: timeout)
        } catch {
            throw .unavailable("\(url): \(error)")
        }
        guard (200..<300).contains(response.status) else { throw fault(response) }
        do throws(OperationFault) { return try AdminJSON.decode(Value.self, response.body) } catch {
            throw .unexpected("\(url) answers as no argyle-relay of this version does")
        }
    }

    private func fault(_ response: HTTPClientResponse) -> OperationFault {
        guard let problem = try? AdminJSON.decode(ProblemBody.self, response.body) else {
            return .unexpected("\(url) is no argyle-relay: it answers \(response.status)")
        }
        let text = problem.detail ?? problem.title
        switch (response.status, problem.code) {
        case (401, _): return .unauthorized
        case (_, "unknown_event"): return .unknownEvent
        case (_, "unknown_replay"): return .unknownReplay
        case (400, _): return .invalid(text)
        case (409, _): return .conflict(text)
        case (422, _): return .conflict("\(problem.title) \(text)")
        case (503, _): return .unavailable(text)
        default: return .unexpected("\(url): \(problem.title) (\(problem.code))")
        }
    }
}
