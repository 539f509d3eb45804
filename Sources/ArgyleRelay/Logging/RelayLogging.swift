import Logging
import RelayConfiguration
import RelayCore
import Synchronization

/// The program's log on standard error; its level may change while it runs.
enum RelayLogging {
    /// The level that every logger asks; changed by a reload.
    private static let level = Mutex(Logger.Level.info)

    static func setLevel(_ new: RelayConfiguration.Log.Level) {
        level.withLock { $0 = Logger.Level(new) }
    }

    static func logger(_ settings: RelayConfiguration.Log, time: TimeSource) -> Logger {
        setLevel(settings.level)
        return Logger(label: "argyle-relay") { Handler(label: $0, format: settings.format, time: time) }
    }

    /// Takes its level from ``level`` instead of a copy of its own: loggers are values, and a reload must reach all of them.
    private struct Handler: LogHandler {
        let label: String
        let format: RelayConfiguration.Log.Format
        let time: TimeSource
        var metadata: Logger.Metadata = [:]

        var logLevel: Logger.Level {
            get { RelayLogging.level.withLock { $0 } }
            set { RelayLogging.level.withLock { $0 = newValue } }
        }

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
            let line = LogLine(
                time: time.now(),
                level: level,
                label: label,
                message: message,
                metadata: metadata.merging(explicit ?? [:]) { $1 }.sorted { $0.key < $1.key }
            )
            StandardError.line(format == .json ? line.json : line.text)
        }
    }
}

extension Logger.Level {
    init(_ level: RelayConfiguration.Log.Level) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
