/// Lines of the log that wait to be written, bounded in number and in bytes, as a value. What has no room is counted instead of kept; from then
/// on every line is, until what waits has been taken, so that a gap in the log is one gap and stands where it was.
struct LogQueue<Mark: Sendable>: Sendable {
    struct Bounds: Sendable {
        let lines: Int
        let bytes: Int
    }

    /// What is to be written next, in this order: the note of `untold` lines, the lines, the note of `dropped` ones.
    struct Batch: Sendable {
        /// Lines that could not be written before; they have been counted.
        var untold = 0
        /// Whether what was written last is a part of a line.
        var isCut = false
        /// Each with its newline.
        var bytes: [UInt8] = []
        /// Lines that found no room after these.
        var dropped = 0
        /// Of those who wait until all of this is written, or cannot be.
        var marks: [Mark] = []
    }

    private let bounds: Bounds
    private var waiting = Batch()
    private var lines = 0

    init(bounds: Bounds) { self.bounds = bounds }

    private var isQuiet: Bool { waiting.bytes.isEmpty && waiting.dropped == 0 && waiting.marks.isEmpty }

    private var isDropping: Bool { waiting.dropped > 0 }

    /// Counts a line where it would be dropped anyway, before it costs anything to word. False where it is to be appended.
    mutating func drops() -> Bool {
        if isDropping { waiting.dropped += 1 }
        return isDropping
    }

    /// - Returns: whether the line was kept, and whether the writer, which had nothing to do, now has.
    mutating func append(_ line: some Collection<UInt8>) -> (isKept: Bool, wakes: Bool) {
        let wakes = isQuiet
        guard !isDropping, lines < bounds.lines, waiting.bytes.count + line.count < bounds.bytes else {
            waiting.dropped += 1
            return (false, wakes)
        }
        lines += 1
        waiting.bytes += line
        waiting.bytes.append(UInt8(ascii: "\n"))
        return (true, wakes)
    }

    /// Asks to be told when everything up to here is written.
    /// - Returns: whether the writer must be woken.
    mutating func add(_ mark: Mark) -> Bool {
        defer { waiting.marks.append(mark) }
        return isQuiet
    }

    /// All that waits; nil when the writer may rest. Lines that are not told of yet are no reason to write: the writing has failed before.
    mutating func take() -> Batch? {
        guard !isQuiet else { return nil }
        defer {
            waiting = Batch()
            lines = 0
        }
        return waiting
    }

    /// Keeps for the next batch what could not be written of this one.
    mutating func giveBack(untold: Int, isCut: Bool) {
        waiting.untold += untold
        waiting.isCut = isCut
    }
}
