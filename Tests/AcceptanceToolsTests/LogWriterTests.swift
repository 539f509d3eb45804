import Dispatch
import Foundation
import RelayMetrics
import RelayTestSupport
import Testing

@testable import ArgyleRelay

@Suite("The writer of the log", .timeLimit(.minutes(1)))
struct LogWriterTests {
    private func writer(_ descriptor: Int32, lines: Int = 100) -> LogWriter {
        LogWriter(descriptor, bounds: .init(lines: lines, bytes: 1 << 20)) { "lost \($0)" }
    }

    /// A page long with its newline, so that a pipe of one page holds one.
    private func line(_ number: Int) -> String { "\(number) " + String(repeating: "x", count: 4094 - "\(number)".utf8.count) }

    @Test(
        "never waits for a pipe that nobody reads: lines are dropped and counted, and told of where they are missing",
        arguments: [0, O_NONBLOCK]
    )
    func unread(flags: Int32) async throws {
        let pipe = try LogPipe()
        #expect(fcntl(pipe.writingEnd, F_SETFL, flags) == 0)
        let writer = writer(pipe.writingEnd, lines: 10)
        for number in 0..<1000 { writer.write { line(number) } }
        let clock = ContinuousClock()
        let began = clock.now
        writer.flush(within: .milliseconds(50))
        #expect(clock.now - began < .seconds(1))
        let dropped = writer.dropped.value
        #expect(dropped >= 970 && dropped < 1000)

        pipe.startReading()
        #expect(try await eventually { pipe.text.contains("lost \(dropped)\n") }, "\(pipe.lines.map { $0.prefix(20) })")
        writer.write { "after" }
        writer.flush()
        #expect(try await eventually { pipe.text.hasSuffix("after\n") })
        let kept = (0..<1000 - dropped).map { Substring(line($0)) }
        #expect(pipe.lines == kept + ["lost \(dropped)", "after", ""])
        #expect(writer.dropped.value == dropped)
    }

    @Test("flushing waits until all that came before is written")
    func flush() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = try file(in: folder)
        let writer = writer(file, lines: 20_000)
        for number in 0..<10_000 { writer.write { "line \(number)" } }
        writer.flush(within: .seconds(20))
        let expected = (0..<10_000).map { "line \($0)\n" }.joined()
        #expect(try String(contentsOfFile: folder.path + "/log", encoding: .utf8) == expected)
        #expect(writer.dropped.value == 0)
        close(file)
    }

    @Test("outlives a reader that is gone and a disk that is full, and says afterwards what is missing", arguments: Fault.allCases)
    func faults(fault: Fault) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let descriptor =
            switch fault {
            case .fullDisk: open("/dev/full", O_WRONLY | O_CLOEXEC)
            case .readerGone: try gonePipe()
            }
        #expect(descriptor >= 0)
        let writer = writer(descriptor)
        for number in 0..<3 {
            writer.write { "lost \(number)" }
            writer.flush(within: .seconds(20))
        }
        #expect(writer.dropped.value == 3)
        let mended = try file(in: folder)
        #expect(dup2(mended, descriptor) == descriptor)
        writer.write { "kept" }
        writer.flush(within: .seconds(20))
        #expect(try String(contentsOfFile: folder.path + "/log", encoding: .utf8) == "lost 3\nkept\n")
        for open in [mended, descriptor] { close(open) }
    }

    enum Fault: CaseIterable { case fullDisk, readerGone }

    @Test("a line that was cut ends before the next one begins")
    func cut() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let writer = writer(ends[1])
        writer.write { String(repeating: "x", count: 500_000) }
        var page = [UInt8](repeating: 0, count: 4096)
        #expect(read(ends[0], &page, page.count) > 0)
        close(ends[0])
        writer.flush(within: .seconds(20))
        #expect(writer.dropped.value == 1)
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let mended = try file(in: folder)
        #expect(dup2(mended, ends[1]) == ends[1])
        writer.write { "kept" }
        writer.flush(within: .seconds(20))
        #expect(try String(contentsOfFile: folder.path + "/log", encoding: .utf8) == "\nlost 1\nkept\n")
        for open in [mended, ends[1]] { close(open) }
    }

    private func file(in folder: TemporaryFolder) throws -> Int32 {
        let file = open(folder.path + "/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        return try #require(file >= 0 ? file : nil)
    }

    /// The writing end of a pipe that has no reader any more.
    private func gonePipe() throws -> Int32 {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        return ends[1]
    }
}
