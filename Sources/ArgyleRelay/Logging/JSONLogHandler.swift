import Logging
import RelayCore

/// Writes each line of the log as one JSON object, for machines: `time`, `level`, `logger`, `message` and the metadata's members.
struct JSONLogHandler: LogHandler {
    let label: String
    let time: TimeSource
    let write: @Sendable (String) -> Void
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(
        level: Logger.Level,
        message: Logger.Message,
        metadata explicit: Logger.Metadata?,
        source: String,
        file: String,
        function: String,
        line: UInt
    ) {
        var json = JSONWriter(reserving: 256)
        json.raw(#"{"time":""#)
        json.raw(time.now().rfc3339)
        json.raw(#"","level":"#)
        json.string(level.rawValue)
        json.raw(#","logger":"#)
        json.string(label)
        json.raw(#","message":"#)
        json.string(message.description)
        for (key, value) in metadata.merging(explicit ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
            json.raw(",")
            json.string(key)
            json.raw(":")
            json.string("\(value)")
        }
        json.raw("}")
        write(String(decoding: json.bytes, as: UTF8.self))
    }
}
