import Logging
import RelayCore

/// One line of the log, before it is written for people or for machines.
struct LogLine {
    let time: Timestamp
    let level: Logger.Level
    let label: String
    let message: Logger.Message
    /// By name, in order.
    let metadata: [(key: String, value: Logger.MetadataValue)]

    /// For people: time, level, message, metadata. Nothing that came from outside may forge a second line.
    var text: String {
        let name = level.rawValue.uppercased()
        var text = "\(time) \(name)\(String(repeating: " ", count: max(0, 8 - name.count))) \(message)"
        for (key, value) in metadata { text += " \(key)=\(Self.quoted("\(value)"))" }
        return Self.onOneLine(text)
    }

    /// For machines: one JSON object with `time`, `level`, `logger`, `message` and the metadata's members.
    var json: String {
        var json = JSONWriter(reserving: 256)
        json.raw(#"{"time":""#)
        json.raw(time.rfc3339)
        json.raw(#"","level":"#)
        json.string(level.rawValue)
        json.raw(#","logger":"#)
        json.string(label)
        json.raw(#","message":"#)
        json.string(message.description)
        for (key, value) in metadata {
            json.raw(",")
            json.string(key)
            json.raw(":")
            json.string("\(value)")
        }
        json.raw("}")
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func quoted(_ value: String) -> String {
        value.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D }
            ? "\"" + value.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\"" : value
    }

    private static func onOneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 }))
    }
}
