import RelayCore
package import RelayHTTP
import RelayOutbox

/// The admin API under `/v1/`: operations as HTTP, JSON in and out, problems as of RFC 9457.
package struct OperationsAPI: AdminAPI {
    /// What a reload has changed, or why it has not.
    package enum Reload: Sendable {
        /// As JSON.
        case done([UInt8])
        case refused([String])
    }

    let operations: any OutboxOperations
    let access: AdminAccess
    let reload: @Sendable () async -> Reload

    package init(operations: any OutboxOperations, access: AdminAccess, reload: @escaping @Sendable () async -> Reload) {
        self.operations = operations
        self.access = access
        self.reload = reload
    }

    package func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        if let refusal = access.refusal(of: head) { return .answer(refusal) }
        guard let endpoint = Endpoint(path: head.path) else {
            return .answer(.problem(status: 404, code: "not_found", title: "There is nothing at this path."))
        }
        guard endpoint.methods.contains(head.method) else {
            let allowed = endpoint.methods.joined(separator: ", ")
            return .answer(
                .problem(status: 405, code: "method_not_allowed", title: "This path takes \(allowed).", headers: [("allow", allowed)])
            )
        }
        return .read(maxBody: head.method == "POST" ? endpoint.largestBody : 0)
    }

    package func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        guard let endpoint = Endpoint(path: head.path) else { return HTTPServerResponse(OperationFault.unknownEvent) }
        do throws(OperationFault) {
            return try await answer(endpoint, head, body)
        } catch {
            return HTTPServerResponse(error)
        }
    }

    private func answer(_ endpoint: Endpoint, _ head: HTTPRequestHead, _ body: [UInt8]) async throws(OperationFault) -> HTTPServerResponse {
        let isPost = head.method == "POST"
        switch endpoint {
        case .status: return .json(AdminJSON.encode(try await operations.status()))
        case .events: return .json(AdminJSON.encode(try await operations.events(try EventQuery(urlQuery: head.query))))
        case .event(let id):
            let includesData = try URLQuery(head.query).flag("data")
            return .json(AdminJSON.encode(try await operations.event(id, includesData: includesData)))
        case .retry(let id):
            _ = try AdminJSON.decode(NothingBody.self, body)
            return .json(AdminJSON.encode(try await operations.retry(id)))
        case .discard(let id):
            let discard = try AdminJSON.decode(DiscardBody.self, body)
            return .json(AdminJSON.encode(try await operations.discard(id, reason: discard.reason)))
        case .replays where isPost:
            let request = try AdminJSON.decode(ReplayBody.self, body)
            if request.dryRun { return .json(AdminJSON.encode(try await operations.planReplay(request.order))) }
            let record = try await operations.startReplay(request.order)
            return .json(status: 202, AdminJSON.encode(record), headers: [("location", "/v1/replays/\(record.id)")])
        case .replays: return .json(AdminJSON.encode(ReplayList(replays: try await operations.replays())))
        case .replay(let id): return .json(AdminJSON.encode(try await operations.replay(id)))
        case .reroutes:
            let request = try AdminJSON.decode(RerouteBody.self, body)
            guard let topic = TopicName(request.topic) else { throw .invalid("topic: a topic's name") }
            return .json(
                AdminJSON.encode(try await request.dryRun ? operations.planReroute(from: topic) : operations.reroute(from: topic))
            )
        case .knownUsers:
            let request = try AdminJSON.decode(KnownUsersBody.self, body)
            return .json(AdminJSON.encode(KnownUsers(users: try await operations.known(of: request.users))))
        case .foundFacts:
            let request = try AdminJSON.decode(FoundFacts.self, body)
            return .json(AdminJSON.encode(FoundFactOutcomes(facts: try await operations.takeIn(request))))
        case .checks:
            _ = try AdminJSON.decode(NothingBody.self, body)
            return .json(AdminJSON.encode(try await operations.check()))
        case .backups:
            let backup = try AdminJSON.decode(BackupBody.self, body)
            return .json(status: 201, AdminJSON.encode(try await operations.backup(to: backup.path)))
        case .reload:
            switch await reload() {
            case .done(let json): return .json(json)
            case .refused(let faults):
                return .problem(
                    status: 422,
                    code: "configuration_refused",
                    title: "The configuration is not sound; the old one goes on.",
                    detail: faults.joined(separator: "\n")
                )
            }
        }
    }
}

/// The paths under `/v1/`.
enum Endpoint: Equatable {
    case status, events, replays, reroutes, checks, backups, reload, knownUsers, foundFacts
    case event(EventID)
    case retry(EventID)
    case discard(EventID)
    case replay(EventID)

    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).map(String.init)
        switch (parts.first, parts.count) {
        case ("status", 1): self = .status
        case ("events", 1): self = .events
        case ("replays", 1): self = .replays
        case ("reroutes", 1): self = .reroutes
        case ("checks", 1): self = .checks
        case ("backups", 1): self = .backups
        case ("reload", 1): self = .reload
        case ("reconcile", 2):
            switch parts[1] {
            case "users": self = .knownUsers
            case "facts": self = .foundFacts
            default: return nil
            }
        case ("events", 2): if let id = EventID(parts[1]) { self = .event(id) } else { return nil }
        case ("replays", 2): if let id = EventID(parts[1]) { self = .replay(id) } else { return nil }
        case ("events", 3):
            guard let id = EventID(parts[1]) else { return nil }
            switch parts[2] {
            case "retry": self = .retry(id)
            case "discard": self = .discard(id)
            default: return nil
            }
        default: return nil
        }
    }

    var methods: [String] {
        switch self {
        case .status, .events, .event, .replay: ["GET"]
        case .replays: ["GET", "POST"]
        case .retry, .discard, .reroutes, .checks, .backups, .reload, .knownUsers, .foundFacts: ["POST"]
        }
    }

    /// In bytes; of facts, which carry what a delivery would have.
    var largestBody: Int { self == .foundFacts ? FoundFacts.largestBody : 64 << 10 }
}

extension HTTPServerResponse {
    init(_ fault: OperationFault) {
        self =
            switch fault {
            case .invalid(let reason): .problem(status: 400, code: "invalid_request", title: "The request makes no sense.", detail: reason)
            case .unknownEvent: .problem(status: 404, code: "unknown_event", title: "No event with this id is known.")
            case .unknownReplay: .problem(status: 404, code: "unknown_replay", title: "No replay with this id is known.")
            case .conflict(let reason): .problem(status: 409, code: "conflict", title: "That cannot be done now.", detail: reason)
            case .unavailable(let reason), .unexpected(let reason):
                .problem(
                    status: 503,
                    code: "store_failed",
                    title: "The outbox cannot do it now; try again.",
                    detail: reason,
                    headers: [("retry-after", "2")]
                )
            case .unauthorized: .problem(status: 401, code: "unauthorized", title: "The admin API wants the token of admin.token.")
            }
    }
}
