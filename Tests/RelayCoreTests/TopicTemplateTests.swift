import RelayCore
import Testing

@Suite("The template of topics' names", .timeLimit(.minutes(5)))
struct TopicTemplateTests {
    @Test("the event's name takes the placeholder's place, with - for _")
    func substitutes() throws {
        func topic(_ template: String, _ event: String) throws -> String? {
            try #require(TopicTemplate(template)).topic(for: try #require(EventName(event)))?.text
        }
        #expect(TopicTemplate.standard.text == "argyle.{event}")
        #expect(TopicTemplate.standard.topic(for: .usersFullySynced)?.text == "argyle.users.fully-synced")
        #expect(TopicTemplate("argyle.{event}") == .standard)
        #expect(try topic("{event}", "a_b") == "a-b")
        #expect(try topic("x_{event}.{event}", "a") == "x_a.a")
        #expect(try topic("all_events", "users.fully_synced") == "all_events")
    }

    @Test(
        "whatever the event is called, it has a topic; only a name that Kafka takes for none has none alone",
        arguments: [".", "..", "...", "_", "-", "A.b-c_9", String(repeating: "x", count: 64), String(repeating: "_", count: 64)]
    )
    func alwaysLegal(event: String) throws {
        let event = try #require(EventName(event))
        let longest = String(repeating: "t", count: 249 - 64) + "{event}"
        for template in [.standard, try #require(TopicTemplate(longest))] { #expect(template.topic(for: event) != nil) }
        let bare = try #require(TopicTemplate("{event}"))
        #expect((bare.topic(for: event) == nil) == [".", ".."].contains(event.text))
    }

    @Test(
        "a template that would not give a legal name is refused",
        arguments: [
            "", ".", "..", "a b", "{Event}", "{event", "argyle/{event}", "é", String(repeating: "a", count: 250),
            String(repeating: "a", count: 200) + "{event}", String(repeating: "a", count: 249 - 63) + "{event}",
        ]
    )
    func refuses(text: String) {
        #expect(TopicTemplate(text) == nil)
    }
}
