import Testing

@testable import RelayHTTP

@Suite("The Date field", .timeLimit(.minutes(5)))
struct HTTPDateTests {
    @Test(
        "a second is rendered as RFC 9110 writes it",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        ]
    )
    func rendering(second: Int, text: String) {
        #expect(HTTPDate.render(second) == Array(text.utf8))
    }
}
