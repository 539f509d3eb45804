package import Logging
import Synchronization

/// What was logged, one line each: message, then metadata by name. Lines can be awaited.
package final class LogLines: Sendable {
    private let kept = Mutex([String]())
    private let coming = AsyncStream<String>.makeStream()

    package init() {}

    package var lines: [String] { kept.withLock { $0 } }
    package var logger: Logger { Logger(label: "test") { _ in Recorder(lines: self) } }

    /// Returns once a line that holds `words` has been written.
    package func wait(for words: String) async {
        for await line in coming.stream where line.contains(words) { return }
    }

    private func add(_ line: String) {
        kept.withLock { $0.append(line) }
        coming.continuation.yield(line)
    }

    private struct Recorder: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
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
            lines.add("\(message)" + (metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined() + " ")
        }
    }
}
