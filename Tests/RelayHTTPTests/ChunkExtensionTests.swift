import NIOCore
import Testing

@testable import RelayHTTP

@Suite("Chunk extensions and trailers", .timeLimit(.minutes(5)))
struct ChunkExtensionTests {
    @Test(
        "what the grammar has is passed over",
        arguments: [
            "3;a\r\nabc\r\n0\r\n\r\n", "3;a=b\r\nabc\r\n0;c\r\n\r\n", "3; a = b ;c\t=\t\"d;\\\" e\"\r\nabc\r\n0\r\n\r\n",
            "3;a;b;c=\"\"\r\nabc\r\n0\r\n\r\n", "3;a=\"\u{e9}\\\u{e9}\"\r\nabc\r\n0\r\n\r\n",
            "3\r\nabc\r\n0\r\nX: y\r\nEmpty:\r\nZ:\u{e9} \t\r\n\r\n",
        ]
    )
    func taken(coded: String) throws {
        #expect(try Self.decode(coded) == "abc")
    }

    @Test(
        "what the grammar has not is refused",
        arguments: [
            "3;\r\nabc\r\n0\r\n\r\n", "3;a=\r\nabc\r\n0\r\n\r\n", "3;=b\r\nabc\r\n0\r\n\r\n", "3;a b\r\nabc\r\n0\r\n\r\n",
            "3;a=b c\r\nabc\r\n0\r\n\r\n", "3;a=\"b\r\nabc\r\n0\r\n\r\n", "3;a=\"b\\\r\nabc\r\n0\r\n\r\n", "3;a=\"b\"c\r\nabc\r\n0\r\n\r\n",
            "3;\u{e9}\r\nabc\r\n0\r\n\r\n", "3;a=\u{e9}\r\nabc\r\n0\r\n\r\n", "3;a=\"\u{1}\"\r\nabc\r\n0\r\n\r\n",
            "3;a \r\nabc\r\n0\r\n\r\n",
            "3;;a\r\nabc\r\n0\r\n\r\n", "3;a==b\r\nabc\r\n0\r\n\r\n", "3;a,b\r\nabc\r\n0\r\n\r\n", "3 ;a\r\nabc\r\n0\r\n\r\n",
            "3\r\nabc\r\n0;a b\r\n\r\n", "3\r\nabc\r\n0\r\nX\r\n\r\n", "3\r\nabc\r\n0\r\nX y: z\r\n\r\n", "3\r\nabc\r\n0\r\nX : y\r\n\r\n",
            "3\r\nabc\r\n0\r\n: y\r\n\r\n", "3\r\nabc\r\n0\r\nX: a\u{1}b\r\n\r\n", "3\r\nabc\r\n0\r\nX: y\r\n folded\r\n\r\n",
            "3\r\nabc\r\n0\r\n\u{e9}: y\r\n\r\n",
        ]
    )
    func refused(coded: String) {
        #expect(throws: HTTPFault.malformed(reason: "bad chunked coding")) { try Self.decode(coded) }
    }

    private static func decode(_ coded: String) throws -> String {
        var body = try HTTPBodyReader(framing: .chunked, limit: 100)
        var bytes = ByteBuffer(string: coded)
        try body.consume(&bytes)
        #expect(body.isComplete && bytes.readableBytes == 0)
        return String(decoding: body.bytes, as: UTF8.self)
    }
}
