import RelayCore
import Testing

@Suite("An event's id", .timeLimit(.minutes(5)))
struct EventIDTests {
    @Test("reads back what it writes, in lower case, and takes either")
    func roundTrip() throws {
        let id = try #require(EventID("FA921D79-D87C-5BB0-B847-26701C0BE957"))
        #expect(id.description == "fa921d79-d87c-5bb0-b847-26701c0be957")
        #expect(EventID(id.description) == id)
        #expect(EventID(bytes: id.bytes) == id)
        #expect(id.bytes.count == 16 && id.bytes.first == 0xFA && id.bytes.last == 0x57)
    }

    @Test("is of version 5 and the variant of RFC 9562, whatever it names", arguments: 0..<50)
    func version(number: Int) {
        let bytes = EventID(naming: Array("name \(number)".utf8)).bytes
        #expect(bytes[6] >> 4 == 5)
        #expect(bytes[8] >> 6 == 0b10)
    }

    @Test(
        "refuses whatever is no UUID",
        arguments: [
            "", "fa921d79d87c5bb0b84726701c0be957", "fa921d79-d87c-5bb0-b847-26701c0be95", "fa921d79-d87c-5bb0-b847-26701c0be9577",
            "ga921d79-d87c-5bb0-b847-26701c0be957", "fa921d7-9d87c-5bb0-b847-26701c0be957", "fa921d79-d87c-5bb0-b847-26701c0be95é",
            "-fa921d79-d87c-5bb0-b847-26701c0be957", "fa921d79-d87c-5bb0-b847-26701c0be957-",
        ]
    )
    func refused(text: String) { #expect(EventID(text) == nil) }

    @Test("refuses any other number of bytes than 16", arguments: [0, 15, 17])
    func size(count: Int) { #expect(EventID(bytes: [UInt8](repeating: 1, count: count)) == nil) }
}
