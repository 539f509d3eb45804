import Foundation
import Synchronization

/// A pipe for a program's log that nobody reads until ``startReading()``.
package final class LogPipe: Sendable {
    package struct CannotMake: Error { package let reason: String }

    private static let setSize: Int32 = 1031
    private let reading: Int32
    private let writing: Mutex<Int32?>
    private let bytes = Mutex<[UInt8]>([])

    /// - Parameter capacity: bytes, rounded up to whole pages by the kernel (F_SETPIPE_SZ of fcntl(2)).
    package init(capacity: Int32 = 4096) throws(CannotMake) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, fcntl(ends[0], Self.setSize, capacity) >= capacity else {
            throw CannotMake(reason: String(cString: strerror(errno)))
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = Mutex(ends[1])
    }

    deinit {
        closeWriting()
        close(reading)
    }

    /// The end that is written to, for a program that is about to start or a writer under test.
    package var writingEnd: Int32 { writing.withLock { $0 ?? -1 } }

    /// Closes this process's copy of the writing end, so that the reader sees when the others are done.
    package func closeWriting() {
        writing.withLock { end in
            if let end { close(end) }
            end = nil
        }
    }

    /// Reads from now on, on a thread of its own.
    package func startReading() {
        Thread.detachNewThread { [self] in
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(reading, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                bytes.withLock { $0 += chunk[..<count] }
            }
        }
    }

    /// Everything that was read so far.
    package var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    package var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}
