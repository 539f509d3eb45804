import NIOCore

/// Which lines a shortage is worth: one when it begins, one a minute while it lasts, one when it is over.
/// It is over after ``calm`` without a failure, so that one that comes and goes with each connection is one shortage.
struct AcceptShortage {
    static let lineEvery = TimeAmount.minutes(1)
    static let calm = TimeAmount.seconds(10)

    private var lastFailure: NIODeadline?
    private var lastLine: NIODeadline?

    var isOn: Bool { lastFailure != nil }

    /// Whether this failure deserves a line.
    mutating func failed(at now: NIODeadline) -> Bool {
        lastFailure = now
        if let lastLine, now - lastLine < Self.lineEvery { return false }
        lastLine = now
        return true
    }

    /// How long from now it must be calm yet; nil once it is over, which is said once.
    mutating func remaining(at now: NIODeadline) -> TimeAmount? {
        guard let last = lastFailure else { return nil }
        if now - last < Self.calm { return Self.calm - (now - last) }
        lastFailure = nil
        return nil
    }
}
