import RelayCore
import Testing

@Suite("The routing to topics", .timeLimit(.minutes(5)))
struct TopicRoutingTests {
    @Test(
        "puts the event's name where the template says, with - for _",
        arguments: [
            ("argyle.{event}", "argyle.users.fully-synced"), ("{event}", "users.fully-synced"), ("all", "all"),
            ("my_{event}_x", "my_users.fully-synced_x"),
            ("{event}.{event}", "users.fully-synced.users.fully-synced"),
        ]
    )
    func templates(template: String, topic: String) throws {
        let routing = try #require(TopicRouting(template: template, deadLetters: "argyle.dead-letter"))
        #expect(routing.topic(for: .usersFullySynced)?.text == topic)
        #expect(routing.deadLetters.text == "argyle.dead-letter")
    }

    @Test(
        "refuses what makes no topic's name",
        arguments: [("", "d"), ("a b", "d"), ("{evnt}", "d"), ("é{event}", "d"), ("a", ""), ("a", ".."), ("a", "x/y"), (".", "d")]
            + [(String(repeating: "a", count: 240) + "{event}", "d"), ("a", String(repeating: "d", count: 250))]
    )
    func refused(template: String, deadLetters: String) { #expect(TopicRouting(template: template, deadLetters: deadLetters) == nil) }

    @Test("has no topic for an event whose name alone makes none")
    func nameless() throws {
        let routing = try #require(TopicRouting(template: "{event}", deadLetters: "d"))
        #expect(routing.topic(for: .usersFullySynced) != nil)
        #expect(routing.topic(for: try #require(EventName(".."))) == nil)
    }
}
