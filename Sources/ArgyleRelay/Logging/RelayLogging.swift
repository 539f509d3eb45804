import Logging
import RelayConfiguration
import RelayCore
import Synchronization

/// The program's log on standard error; its level may change while it runs. Whoever logs never waits: see ``LogWriter``.
enum RelayLogging {
    /// The level that every logger asks; changed by a reload.
    private static let level = Mutex(Logger.Level.info)
    private static let format = Mutex(RelayConfiguration.Log.Format.text)
    private static let label = "argyle-relay"

    static func setLevel(_ new: RelayConfiguration.Log.Level) {
        level.withLock { $0 = Logger.Level(new) }
    }

    static func logger(_ settings: RelayConfiguration.Log, time: TimeSource) -> Logger {
        setLevel(settings.level)
        format.withLock { $0 = settings.format }
        return Logger(label: label) { Handler(label: $0, format: settings.format, time: time) }
    }

    /// What stands where lines are missing, whatever the level.
    static func note(ofLost lines: Int) -> String {
        let line = LogLine(
            time: TimeSource.system.now(),
            level: .warning,
            label: label,
            message: "lines of the log were lost here: they were not read in time, or could not be written",
            metadata: [("lines", "\(lines)")]
        )
        return line.worded(for: format.withLock { $0 })
    }

    /// Waits until the last lines are written, a second at most; to be called before the program ends.
    static func flush() { LogWriter.standard.flush() }

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
            LogWriter.standard.write {
                let line = LogLine(
                    time: time.now(),
                    level: level,
                    label: label,
                    message: message,
                    metadata: metadata.merging(explicit ?? [:]) { $1 }.sorted { $0.key < $1.key }
                )
                return line.worded(for: format)
            }
        }
    }
}

extension LogLine {
    func worded(for format: RelayConfiguration.Log.Format) -> String { format == .json ? json : text }
}

extension Logger.Level {
    init(_ level: RelayConfiguration.Log.Level) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
