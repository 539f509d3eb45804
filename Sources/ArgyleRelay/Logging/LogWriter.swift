import Dispatch
import Glibc
import RelayMetrics
import Synchronization

/// Writes lines on a thread of its own, so that nobody who logs ever waits for whoever reads: a pipe may have a reader that does not read.
/// A line that finds no room is dropped and counted, and once there is room again a line says how many were.
final class LogWriter: Sendable {
    /// About a second of a busy relay that logs everything. The writer may hold as much again.
    static let bounds = LogQueue<DispatchSemaphore>.Bounds(lines: 8192, bytes: 2 << 20)
    /// The log's own: standard error.
    static let standard = LogWriter(STDERR_FILENO) { RelayLogging.note(ofLost: $0) }

    /// Lines that were never written.
    let dropped = Counter()
    private let descriptor: LogDescriptor
    private let note: @Sendable (Int) -> String
    private let queue: Mutex<LogQueue<DispatchSemaphore>>
    private let worker = DispatchQueue(label: "argyle-relay.log")

    /// - Parameter note: words the line that says how many were lost.
    init(_ descriptor: Int32, bounds: LogQueue<DispatchSemaphore>.Bounds = bounds, note: @escaping @Sendable (Int) -> String) {
        // A reader that goes away must not take the program with it.
        signal(SIGPIPE, SIG_IGN)
        self.descriptor = LogDescriptor(number: descriptor)
        self.note = note
        queue = Mutex(LogQueue(bounds: bounds))
    }

    /// Takes a line, without its newline, or drops it; returns at once. It is worded only when it can be kept.
    func write(_ line: () -> String) {
        if queue.withLock({ $0.drops() }) { return dropped.add() }
        let text = line()
        let (isKept, wakes) = queue.withLock { queue in
            // Swift 6.0 aborts on a labelled tuple that leaves a lock as it is.
            let appended = queue.append(text.utf8)
            return (appended.isKept, appended.wakes)
        }
        if !isKept { dropped.add() }
        if wakes { worker.async { [self] in drain() } }
    }

    /// Waits until everything that was taken so far is written, and at most `limit`: for the end of the program alone.
    func flush(within limit: DispatchTimeInterval = .seconds(1)) {
        let mark = DispatchSemaphore(value: 0)
        if queue.withLock({ $0.add(mark) }) { worker.async { [self] in drain() } }
        _ = mark.wait(timeout: .now() + limit)
    }

    /// On the worker alone. The lock is never held while something is written.
    private func drain() {
        while let batch = queue.withLock({ $0.take() }) {
            write(batch)
            for mark in batch.marks { mark.signal() }
        }
    }

    private func write(_ batch: LogQueue<DispatchSemaphore>.Batch) {
        var isCut = batch.isCut
        /// Returns how many lines could not be written.
        func send(_ lines: [UInt8]) -> Int {
            let count = descriptor.write(lines)
            if count > 0 { isCut = lines[count - 1] != UInt8(ascii: "\n") }
            return lines[count...].count { $0 == UInt8(ascii: "\n") }
        }
        var untold = batch.untold
        if untold > 0, send((isCut ? [UInt8(ascii: "\n")] : []) + noted(untold)) == 0 { untold = 0 }
        let lost = untold > 0 ? batch.bytes.count { $0 == UInt8(ascii: "\n") } : send(batch.bytes)
        dropped.add(lost)
        untold += lost + batch.dropped
        if lost == 0, batch.dropped > 0, send(noted(batch.dropped)) == 0 { untold -= batch.dropped }
        if untold > 0 { queue.withLock { $0.giveBack(untold: untold, isCut: isCut) } }
    }

    private func noted(_ count: Int) -> [UInt8] { Array((note(count) + "\n").utf8) }
}
