import Glibc
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
        return Logger(label: "argyle-relay") { label in
            switch settings.format {
            case .text: Adjustable(inner: TextLogHandler(label: label, time: time, write: StandardError.line))
            case .json: Adjustable(inner: JSONLogHandler(label: label, time: time, write: StandardError.line))
            }
        }
    }

    /// Takes its level from ``level`` instead of its own copy: loggers are values, and a reload must reach all of them.
    private struct Adjustable<Inner: LogHandler>: LogHandler {
        var inner: Inner

        var logLevel: Logger.Level {
            get { RelayLogging.level.withLock { $0 } }
            set { RelayLogging.level.withLock { $0 = newValue } }
        }

        var metadata: Logger.Metadata {
            get { inner.metadata }
            set { inner.metadata = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { inner[metadataKey: key] }
            set { inner[metadataKey: key] = newValue }
        }

        func log(
            level: Logger.Level,
            message: Logger.Message,
            metadata: Logger.Metadata?,
            source: String,
            file: String,
            function: String,
            line: UInt
        ) {
            inner.log(
                level: level,
                message: message,
                metadata: metadata,
                source: source,
                file: file,
                function: function,
                line: line
            )
        }
    }
}

extension Logger.Level {
    init(_ level: RelayConfiguration.Log.Level) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
