import Testing

@testable import ArgyleRelay

@Suite("The queue of the log", .timeLimit(.minutes(5)))
struct LogQueueTests {
    /// Lets an expectation change the queue that it looks at.
    private final class Queue {
        private var queue: LogQueue<Int>

        init(lines: Int = 3, bytes: Int = 100) { queue = LogQueue(bounds: .init(lines: lines, bytes: bytes)) }

        func append(_ line: String) -> (isKept: Bool, wakes: Bool) { queue.append(line.utf8) }
        func drops() -> Bool { queue.drops() }
        func mark(_ mark: Int) -> Bool { queue.add(mark) }
        func take() -> LogQueue<Int>.Batch? { queue.take() }
        func giveBack(untold: Int, isCut: Bool) { queue.giveBack(untold: untold, isCut: isCut) }
    }

    private func text(_ batch: LogQueue<Int>.Batch?) -> String? { batch.map { String(decoding: $0.bytes, as: UTF8.self) } }

    @Test("gives its lines whole and in order, and wakes the writer for the first alone")
    func order() {
        let queue = Queue()
        #expect(queue.take() == nil)
        #expect(queue.append("a") == (true, true))
        #expect(queue.append("b") == (true, false))
        #expect(text(queue.take()) == "a\nb\n")
        #expect(queue.take() == nil)
        #expect(queue.append("c") == (true, true))
    }

    @Test("is full by lines or by bytes", arguments: [(2, 100, 2), (9, 6, 3), (9, 5, 2), (0, 9, 0)])
    func bounds(lines: Int, bytes: Int, kept: Int) {
        let queue = Queue(lines: lines, bytes: bytes)
        let results = (0..<5).map { _ in queue.append("x").isKept }
        #expect(results == (0..<5).map { $0 < kept })
        let batch = queue.take()
        #expect(batch?.bytes.count == kept * 2)
        #expect(batch?.dropped == 5 - kept)
    }

    @Test("drops all that comes after a dropped line, though it be shorter, until what waits is taken: a gap is one gap")
    func gap() {
        let queue = Queue(bytes: 10)
        #expect(!queue.drops())
        #expect(queue.append("12345").isKept)
        #expect(!queue.append("123456").isKept)
        #expect(!queue.append("1").isKept)
        #expect(queue.drops())
        let batch = queue.take()
        #expect(text(batch) == "12345\n")
        #expect(batch?.dropped == 3)
        #expect(!queue.drops())
        #expect(queue.append("1") == (true, true))
        #expect(queue.take()?.dropped == 0)
    }

    @Test("a line that is longer than all there is room for is dropped and told of at once")
    func long() {
        let queue = Queue(bytes: 10)
        #expect(queue.append("12345678901") == (false, true))
        #expect(queue.take()?.dropped == 1)
    }

    @Test("a mark comes with the lines before it, and by itself where there are none")
    func marks() {
        let queue = Queue()
        _ = queue.append("a")
        #expect(!queue.mark(1))
        #expect(queue.take()?.marks == [1])
        #expect(queue.mark(2))
        let batch = queue.take()
        #expect(batch?.marks == [2] && batch?.bytes == [])
    }

    @Test("what could not be written is told with the next line, and is no reason to try before")
    func untold() {
        let queue = Queue()
        queue.giveBack(untold: 4, isCut: true)
        #expect(queue.take() == nil)
        #expect(queue.append("a") == (true, true))
        let batch = queue.take()
        #expect(batch?.untold == 4)
        #expect(batch?.isCut == true)
        #expect(queue.append("b").wakes)
        #expect(queue.take()?.untold == 0)
    }
}
