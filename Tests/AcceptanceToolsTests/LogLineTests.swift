import Foundation
import Logging
import RelayCore
import Testing

@testable import ArgyleRelay

@Suite("A line of the log", .timeLimit(.minutes(5)))
struct LogLineTests {
    private func line(_ message: Logger.Message, _ metadata: [(key: String, value: Logger.MetadataValue)] = []) -> LogLine {
        LogLine(time: Timestamp(milliseconds: 1_700_000_000_000), level: .notice, label: "relay", message: message, metadata: metadata)
    }

    @Test("for people has its parts in columns, and quotes what would be read as more than one")
    func text() {
        let text = line("listening", [("a", "1"), ("b", "two words"), ("c", "say \"no\""), ("d", "x=y")]).text
        #expect(text.hasSuffix(#" NOTICE   listening a=1 b="two words" c="say \"no\"" d="x=y""#), "\(text)")
        #expect(text.hasPrefix("2023-11-14"))
    }

    @Test("for machines is one JSON object with the metadata as members")
    func json() throws {
        let json = line("a \"message\"\n", [("code", "x\u{0}"), ("list", ["1", "2"])]).json
        let members = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String])
        #expect(
            members == [
                "time": "2023-11-14T22:13:20.000Z", "level": "notice", "logger": "relay", "message": "a \"message\"\n", "code": "x\u{0}",
                "list": #"["1", "2"]"#,
            ]
        )
    }

    @Test("stays one line, whatever came from outside", arguments: ["a\nb", "a\r\nb", "\u{1B}[2Ja", "\u{7F}"])
    func forged(text: String) {
        let line = line("\(text)", [("key", "\(text)")])
        for written in [line.text, line.json] { #expect(!written.unicodeScalars.contains { $0.value < 0x20 }) }
        #expect(!line.text.unicodeScalars.contains("\u{7F}"))
    }
}
