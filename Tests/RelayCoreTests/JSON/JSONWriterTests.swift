import Foundation
import RelayCore
import Testing

@Suite("The writer", .timeLimit(.minutes(5)))
struct JSONWriterTests {
    @Test("escapes what RFC 8259 wants escaped, so that another reader gets the same text")
    func strings() throws {
        let text = (0...0x300).compactMap(Unicode.Scalar.init).map(String.init).joined() + "\u{2028}\u{FFFF}😀"
        var json = JSONWriter()
        json.string(text)
        let read = try JSONSerialization.jsonObject(with: Data(json.bytes), options: .fragmentsAllowed)
        #expect((read as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(!json.bytes.contains { $0 < 0x20 })
    }

    @Test("writes lists and numbers without white space")
    func lists() {
        var json = JSONWriter()
        json.strings([])
        json.strings(["a"])
        json.strings(["a\"", "b\\"])
        json.number(.min)
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"[]["a"]["a\"","b\\"]-9223372036854775808"#)
    }
}
