import RelayCore
import RelayHTTP
import RelayOutbox
import Synchronization
import Testing

@testable import RelayAdmin

@Suite("The admin API", .timeLimit(.minutes(5)))
struct AdminAPITests {
    @Test("tells the status")
    func status() async throws {
        try await TestAPI.with { test in
            _ = try await test.append("u")
            _ = try await test.outbox.topicsPending()
            _ = try await test.outbox.topicsPending()
            let answer = try await test.answer("GET", "status")
            #expect(answer.status == 200)
            #expect(answer.json["pending"] as? Int == 1 && answer.json["accepted"] as? Int == 1 && answer.json["running"] as? Bool == true)
            #expect(
                answer.json["kafka_fault"] as? String == "transport: down" && answer.json["schema"] as? Int == SQLiteOutbox.schemaVersion
            )
        }
    }

    @Test("lists events by filter and cursor, and refuses what it does not know")
    func events() async throws {
        try await TestAPI.with { test in
            for number in 0..<7 { _ = try await test.append("u\(number)") }
            let first = try await test.answer("GET", "events?limit=5")
            #expect((first.json["events"] as? [Any])?.count == 5)
            let next = try #require(first.json["next"] as? String)
            let second = try await test.answer("GET", "events?limit=5&cursor=\(next)")
            #expect((second.json["events"] as? [Any])?.count == 2 && second.json["next"] == nil)
            let one = try await test.answer("GET", "events?user=u%33&state=pending")
            #expect((one.json["events"] as? [[String: Any]])?.map { $0["user"] as? String } == ["u3"])
            for wrong in [
                "limit=0", "limit=501", "limit=x", "cursor=x", "state=lost", "since=yesterday", "user=", "order=up", "limt=3",
                "user=a&user=b", "user", "user=%zz",
            ] {
                let answer = try await test.answer("GET", "events?" + wrong)
                #expect(answer.status == 400 && answer.json["code"] as? String == "invalid_request", "\(wrong)")
            }
        }
    }

    @Test("tells one event with its history, and with its data where that is asked for")
    func event() async throws {
        try await TestAPI.with { test in
            let id = try await test.append("u")
            _ = try await test.append("u")
            let answer = try await test.answer("GET", "events/\(id)")
            #expect(answer.status == 200 && answer.json["duplicates"] as? Int == 1 && answer.json["data"] == nil)
            #expect((answer.json["suppressed"] as? [Any])?.count == 1 && answer.json["accounts_added"] as? [String] == ["a"])
            #expect((try await test.answer("GET", "events/\(id)?data=true").json["data"] as? String)?.hasPrefix("{") == true)
            let unknown = try await test.answer("GET", "events/00000000-0000-0000-0000-000000000000")
            #expect(unknown.status == 404 && unknown.json["code"] as? String == "unknown_event")
        }
    }

    @Test("retries a dead event and hands it to the publisher, and only a dead one")
    func retry() async throws {
        try await TestAPI.with { test in
            let id = try await test.append("u")
            let early = try await test.answer("POST", "events/\(id)/retry")
            #expect(early.status == 409 && (early.json["detail"] as? String)?.contains("pending") == true)
            try await test.kill(1)
            #expect(try await test.answer("POST", "events/\(id)/retry").json["state"] as? String == "pending")
            #expect(test.readmitted.entries.withLock { $0 } == [1])
        }
    }

    @Test("discards a dead event for a reason, and not without one")
    func discard() async throws {
        try await TestAPI.with { test in
            let id = try await test.append("u")
            try await test.kill(1)
            for body in ["", "{}", #"{"reason":""}"#, #"{"reason":" "}"#, #"{"reason":7}"#, #"{"reason":"x","force":true}"#, "[]", "x"] {
                #expect(try await test.answer("POST", "events/\(id)/discard", body).status == 400, "\(body)")
            }
            let answer = try await test.answer("POST", "events/\(id)/discard", #"{"reason":"a test user"}"#)
            #expect(answer.status == 200 && answer.json["state"] as? String == "discarded")
            #expect(try await test.answer("POST", "events/\(id)/retry").status == 409)
        }
    }

    @Test("counts a replay, writes it down and tells of it")
    func replays() async throws {
        try await TestAPI.with { test in
            _ = try await test.append("u")
            try await test.kill(1)
            let plan = try await test.answer("POST", "replays", #"{"state":"dead","dry_run":true}"#)
            #expect(plan.status == 200 && plan.json["total"] as? Int == 1)
            #expect(try await test.answer("GET", "replays").json["replays"] as? [String] == [])
            let made = try await test.answer("POST", "replays", #"{"state":"dead","rate":5,"requested_by":"me","user":"u"}"#)
            let id = try #require(made.json["id"] as? String)
            #expect(made.status == 202 && made.headers.contains { $0 == ("location", "/v1/replays/\(id)") })
            #expect(test.readmitted.replays.withLock { $0 } == 1)
            let told = try await test.answer("GET", "replays/\(id)")
            #expect(told.json["requested_by"] as? String == "me" && told.json["rate"] as? Int == 5)
            #expect((told.json["filter"] as? [String: String])?["user"] == "u")
            for body in [
                #"{"rate":0}"#, #"{"rate":"5"}"#, #"{"state":"pending"}"#, #"{"since":"x"}"#, #"{"dryrun":true}"#,
                #"{"since":"2026-01-02","until":"2026-01-01"}"#, #"{"requested_by":""}"#,
            ] {
                #expect(try await test.answer("POST", "replays", body).status == 400, "\(body)")
            }
        }
    }

    @Test("checks and copies the outbox, and never over a file")
    func checkAndBackup() async throws {
        try await TestAPI.with { test in
            _ = try await test.append("u")
            let check = try await test.answer("POST", "checks")
            #expect(check.json["faults"] as? [String] == [] && check.json["entries"] as? Int == 1)
            let path = test.outbox.path + ".copy"
            #expect(try await test.answer("POST", "backups", #"{"path":"\#(path)"}"#).status == 201)
            #expect(try await test.answer("POST", "backups", #"{"path":"\#(path)"}"#).status == 409)
            #expect(try await test.answer("POST", "backups", #"{"path":"relative"}"#).status == 400)
        }
    }

    @Test("says why a reload is refused, and what is not there or not so called")
    func others() async throws {
        try await TestAPI.with { test in
            let reload = try await test.answer("POST", "reload")
            #expect(reload.status == 422 && reload.json["detail"] as? String == "http.port: no")
            #expect(try await test.answer("GET", "nothing").status == 404)
            #expect(try await test.answer("GET", "events/x").status == 404)
            let method = try await test.answer("DELETE", "replays")
            #expect(method.status == 405 && method.headers.contains { $0 == ("allow", "GET, POST") })
        }
    }

    @Test(
        "wants the token where one is set",
        arguments: [
            (nil, 401), ("Bearer wrong", 401), ("Basic right", 401), ("Bearer ", 401), ("Bearer right", 200), ("bearer right", 200),
        ] as [(String?, Int)]
    )
    func token(header: String?, status: Int) async throws {
        try await TestAPI.with(token: "right") { test in
            let answer = try await test.answer("GET", "status", headers: header.map { [("Authorization", $0)] } ?? [])
            #expect(answer.status == status)
            #expect(answer.headers.contains { $0.0 == "www-authenticate" } == (status == 401))
            if status == 200 {
                let browser = try await test.answer("GET", "status", headers: [("Authorization", "Bearer right"), ("Origin", "https://x")])
                #expect(browser.status == 200)
            }
        }
    }

    @Test(
        "answers no browser where no token is set",
        arguments: [
            [("Host", "localhost"), ("Origin", "http://evil.example")], [("Host", "evil.example:9090")], [("Host", "")], [],
            [("Host", "[evil]")],
        ]
    )
    func browsers(headers: [(String, String)]) async throws {
        try await TestAPI.with { test in
            let refused = try await test.answer("POST", "replays", "{}", headers: headers)
            #expect(refused.status == 403)
            for host in ["127.0.0.1:9090", "[::1]:9090", "LOCALHOST"] {
                #expect(try await test.answer("GET", "status", headers: [("Host", host)]).status == 200)
            }
        }
    }
}
