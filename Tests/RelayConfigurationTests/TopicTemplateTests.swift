import RelayConfiguration
import Testing

struct TopicTemplateTests {
    @Test("the event's name takes the placeholder's place, with - for _")
    func substitutes() throws {
        #expect(TopicTemplate.standard.text == "argyle.{event}")
        #expect(TopicTemplate.standard.topic(forEvent: "users.fully_synced") == "argyle.users.fully-synced")
        #expect(TopicTemplate("argyle.{event}") == .standard)
        #expect(try #require(TopicTemplate("{event}")).topic(forEvent: "a_b") == "a-b")
        #expect(try #require(TopicTemplate("x_{event}.{event}")).topic(forEvent: "a") == "x_a.a")
        #expect(try #require(TopicTemplate("all_events")).topic(forEvent: "users.fully_synced") == "all_events")
    }

    @Test(
        "whatever the event is called, the topic is a legal name",
        arguments: ["", ".", "..", "a b", "ü", "a/b\0", String(repeating: "x", count: 1000), "{event}"]
    )
    func alwaysLegal(event: String) throws {
        for template in [TopicTemplate.standard, try #require(TopicTemplate("{event}"))] {
            let topic = template.topic(forEvent: event)
            #expect((1...249).contains(topic.utf8.count))
            #expect(topic != "." && topic != "..")
            #expect(topic.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-".utf8.contains($0) })
        }
    }

    @Test(
        "a template that would not give a legal name is refused",
        arguments: [
            "", ".", "..", "a b", "{Event}", "{event", "argyle/{event}", "é", String(repeating: "a", count: 250),
            String(repeating: "a", count: 200) + "{event}",
        ]
    )
    func refuses(text: String) {
        #expect(TopicTemplate(text) == nil)
    }
}
