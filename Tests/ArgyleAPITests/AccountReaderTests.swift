import RelayClient
import RelayCore
import RelayHTTP
import RelayTestSupport
import Synchronization
import Testing

@testable import ArgyleAPI

@Suite("Argyle's accounts", .timeLimit(.minutes(1)))
struct AccountReaderTests {
    private func reader(_ client: ArgyleClient) -> AccountReader {
        AccountReader(client, pace: RequestPace(rate: 20, clock: client.clock, time: client.time))
    }

    private func all(_ reader: AccountReader) async throws -> [ArgyleAccount] {
        var accounts: [ArgyleAccount] = []
        var pages = try reader.pages()
        while let page = try await pages.next() { accounts += page }
        return accounts
    }

    private func user(_ number: Int) throws -> UserID { try #require(UserID(ArgyleWorld.user(number))) }

    @Test("are read page by page, and of one user alone; a user who is gone has none")
    func pages() async throws {
        try await withWorldClient { world, client in
            world.change { content in
                for user in 0..<300 { for number in 0..<3 { content.add(.init(user: user, number: number)) } }
            }
            let accounts = try await all(reader(client))
            #expect(Set(accounts.map(\.id)).count == 900)
            #expect(world.requests.count == 5 && world.requests[0] == "GET /v2/accounts?limit=200")
            let own = try await reader(client).accounts(of: try user(7))
            #expect(own.map(\.id.text).sorted() == (0..<3).map { ArgyleWorld.account(7, $0) })
            #expect(world.requests.last == "GET /v2/accounts?user=\(ArgyleWorld.user(7))&limit=200")
            let profile = try await reader(client).profile(of: try user(7))
            #expect(profile.map { String(decoding: $0, as: UTF8.self) }?.contains("mine-7") == true)
            let none = try await reader(client).accounts(of: try user(999))
            #expect(none == [])
            let nobody = try await reader(client).profile(of: try user(999))
            #expect(nobody == nil)
            world.disturb { _, _, _ in .json(status: 404, "{}") }
            let gone = try await reader(client).accounts(of: try user(7))
            #expect(gone == [])
        }
    }

    @Test(
        "are refused as a whole where Argyle answers otherwise than documented, by the member's name",
        arguments: [
            ("", "it is no JSON"), ("<html>", "it is no JSON"), ("[]", "the whole is of another type"), ("{}", "next is missing"),
            (#"{"next":null}"#, "results is missing"), (#"{"next":7,"results":[]}"#, "next is of another type"),
            (#"{"next":null,"results":{}}"#, "results is of another type"), (#"{"next":null,"results":null}"#, "results is null"),
            (#"{"next":null,"results":[{}]}"#, "id is missing"), (#"{"next":null,"results":[7]}"#, "is of another type"),
        ]
    )
    func undocumented(body: String, words: String) async throws {
        try await withWorldClient { world, client in
            world.disturb { _, _, _ in .json(body) }
            let error = await caught(ArgyleError.self) { try await all(reader(client)) }
            guard case .unexpected(let what) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(what.hasPrefix("what came from /v2/accounts?limit=200 is not as documented: ") && what.contains(words), "\(what)")
            #expect(world.requests.count == 1)
        }
    }

    @Test("a link in a circle, to another origin, or with another user's accounts ends the reading")
    func links() async throws {
        try await withWorldClient { world, client in
            let links = [
                "/v2/accounts?limit=200", "/v2/accounts?limit=200&cursor=x", "http://127.0.0.1:1/v2/accounts", "//evil.example/v2",
            ]
            for link in links {
                world.disturb { _, _, _ in .json(#"{"next":"\#(link)","results":[]}"#) }
                let error = await caught(ArgyleError.self) { try await all(reader(client)) }
                let isCircle = link.hasPrefix("/v2")
                guard case .unexpected(let what) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(what.contains(isCircle ? "lead in a circle" : "another origin"), "\(link): \(what)")
            }
            let before = world.requests.count
            #expect(before == 1 + 2 + 1 + 1)
            world.disturb { _, _, _ in nil }
            world.change { $0.add(.init(user: 1, number: 1)) }
            let other = ArgyleAccountTests.json()
            world.disturb { _, _, _ in .json(#"{"next":null,"results":[\#(other)]}"#) }
            let error = await caught(ArgyleError.self) { try await reader(client).accounts(of: try user(1)) }
            #expect(error?.description.contains("accounts of other users") == true)
        }
    }

    @Test("requests keep a distance, and one that came late is not made up for")
    func pace() async throws {
        let log = PauseLog()
        let uptime = Mutex(Duration.seconds(100))
        let time = TimeSource(now: { Timestamp(milliseconds: 0) }, uptime: { uptime.withLock { $0 } })
        let pace = RequestPace(rate: 20, clock: log, time: time)
        for _ in 0..<3 { await pace.turn() }
        #expect(log.pauses == [.milliseconds(50), .milliseconds(100)])
        uptime.withLock { $0 += .seconds(10) }
        for _ in 0..<2 { await pace.turn() }
        #expect(log.pauses == [.milliseconds(50), .milliseconds(100), .milliseconds(50)])
    }
}

/// Runs `body` with a world and a client of it whose pauses are over at once.
private func withWorldClient(_ body: (ArgyleWorld, ArgyleClient) async throws -> Void) async throws {
    try await withWorld { world, url in
        let http = try HTTPClient()
        let client = try ArgyleClient(
            baseURL: url,
            credential: .init(id: "key-id", secret: "key-secret"),
            http: http,
            clock: PauseLog(),
            time: TimeSource(now: { Timestamp(milliseconds: 1_795_425_175_123) }, uptime: { .zero })
        )
        let result: Result<Void, any Error>
        do { result = .success(try await body(world, client)) } catch { result = .failure(error) }
        await http.shutdown()
        try result.get()
    }
}
