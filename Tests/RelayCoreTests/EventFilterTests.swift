import RelayCore
import Testing

@Suite("The filter of events", .timeLimit(.minutes(5)))
struct EventFilterTests {
    @Test(
        "matches by globs",
        arguments: [
            ("*.fully_synced", "users.fully_synced", true), ("*.fully_synced", "paystubs.fully_synced", true),
            ("*.fully_synced", "users.created", false),
            ("*.fully_synced", ".fully_synced", true), ("*.fully_synced", "users.fully_synced.x", false), ("users.*", "users.", true),
            ("users.*", "xusers.a", false), ("*", "anything", true), ("", "a", false), ("?.b", "a.b", false),
            ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-b-d", false), ("**", "a", true), ("a**", "a", true),
            ("users.fully_synced", "users.fully_synced", true), ("users.fully_synced", "users.fully_syncedx", false),
            ("users.fully_synced", "USERS.fully_synced", false), ("*ab", "aab", true), ("*aab", "aaab", true), ("[a]", "a", false),
        ]
    )
    func globs(glob: String, name: String, matches: Bool) throws {
        #expect(EventFilter([glob]).accepts(try #require(EventName(name))) == matches)
    }

    @Test("accepts what any of several globs matches, and nothing without one")
    func several() {
        #expect(EventFilter(["accounts.*", "*.fully_synced"]).accepts(.usersFullySynced))
        #expect(!EventFilter(["accounts.*", "items.*"]).accepts(.usersFullySynced))
        #expect(!EventFilter([]).accepts(.usersFullySynced))
    }

    @Test("takes its time from no glob: a hundred stars against a hundred letters", .timeLimit(.minutes(1)))
    func hostile() throws {
        let glob = String(repeating: "a*", count: 100) + "b"
        #expect(!EventFilter([glob]).accepts(try #require(EventName(String(repeating: "a", count: 64)))))
    }
}
