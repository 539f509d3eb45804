package import RelayCore

/// The clock by which entries and facts age. It goes on with time that has really passed, whatever the machine's clock says, so that a
/// wrong clock makes nobody forget.
///
/// It is never set back. Where the machine's clock is ahead of it (the relay was off, or that clock is wrong, and nobody can tell which)
/// it goes twice as fast until it has caught up: a clock that is mended within a day makes the outbox forget a day too much at most, and
/// after a month without a relay all is as it should be a month later.
struct Ageing: Equatable {
    /// What the machine's clocks say at one moment.
    struct Moment: Equatable {
        let wall: Timestamp
        /// Since some moment that is the same for as long as `boot` is.
        let elapsed: Duration
        /// Names the start of the machine; nil where nobody knows it.
        let boot: String?
    }

    /// As it is kept over restarts.
    struct Record: Equatable {
        var reading: Timestamp
        var wall: Timestamp
        var boot: String?
        var elapsed: Duration
    }

    /// What the machine's clock has to differ by before anybody is told.
    private static let noticeable = Duration.seconds(10)
    private static let noticeableAtStart = Duration.seconds(60)
    /// The relay may have been off for so long before anybody is told that the clock is ahead.
    private static let usualPause = Duration.seconds(86_400)

    private(set) var record: Record

    /// Up to when ageing is believed.
    var reading: Timestamp { record.reading }

    /// What is odd about the machine's clock since the last run.
    let jumpAtStart: ClockJump?

    /// - Parameters:
    ///   - saved: what the last run left; nil in a file that has no such record.
    ///   - newest: the reading at the newest row or, without a record, the time that this row bears; nil where there is no row.
    init(resuming saved: Record?, newest: Timestamp?, at moment: Moment) {
        let last = saved?.wall ?? newest
        var reading = saved?.reading ?? min(newest ?? moment.wall, moment.wall)
        var off: Duration?
        if let saved, let boot = saved.boot, boot == moment.boot, moment.elapsed >= saved.elapsed { off = moment.elapsed - saved.elapsed }
        reading = reading.advanced(by: off ?? .zero)
        // A row may have been written after the record was; the time up to it is in `off` already.
        if saved != nil, let newest { reading = max(reading, newest) }
        record = Record(reading: reading, wall: moment.wall, boot: moment.boot, elapsed: moment.elapsed)
        let expected = last?.advanced(by: off ?? .zero) ?? moment.wall
        let (ahead, behind) = (moment.wall.elapsed(since: expected), expected.elapsed(since: moment.wall))
        let isOdd = behind >= Self.noticeableAtStart || ahead >= (off == nil ? Self.usualPause : Self.noticeableAtStart)
        jumpAtStart =
            isOdd
            ? ClockJump(
                reads: moment.wall,
                expected: expected,
                kind: off == nil ? .sinceLastRun : .jumped,
                heldBack: moment.wall.elapsed(since: reading)
            ) : nil
    }

    /// Goes on to `moment`; tells when the machine's clock has gone otherwise than time has.
    mutating func advance(to moment: Moment) -> ClockJump? {
        // Whole milliseconds: what is left over counts the next time.
        let passed = max(0, (moment.elapsed - record.elapsed).wholeMilliseconds)
        let elapsed = Duration.milliseconds(passed)
        let expected = record.wall.advanced(by: elapsed)
        record.elapsed += elapsed
        record.reading = record.reading.advanced(by: elapsed)
        if record.reading < moment.wall { record.reading = min(moment.wall, record.reading.advanced(by: elapsed)) }
        record.wall = moment.wall
        guard max(moment.wall.elapsed(since: expected), expected.elapsed(since: moment.wall)) >= Self.noticeable else { return nil }
        return ClockJump(reads: moment.wall, expected: expected, kind: .jumped, heldBack: heldBack)
    }

    /// What the machine's clock shows and does not count as age yet.
    var heldBack: Duration { record.wall.elapsed(since: record.reading) }

    /// In words, while it is an hour or more that the two clocks differ by.
    var doubt: String? {
        if heldBack >= .seconds(3600) {
            return "it reads \(record.wall), of which \(heldBack.told) do not count as age yet (retention stands at \(record.reading))"
        }
        let behind = record.reading.elapsed(since: record.wall)
        guard behind >= .seconds(3600) else { return nil }
        return "it reads \(record.wall), \(behind.told) less than the outbox has aged to (\(record.reading))"
    }
}

/// The machine's clock shows another time than elapsed time bears out.
package struct ClockJump: Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// While this machine ran, which measures time by other means too.
        case jumped
        /// Since the outbox was written last; how much time has passed nobody knows.
        case sinceLastRun
    }

    package let reads: Timestamp
    package let expected: Timestamp
    package let kind: Kind
    /// What the outbox does not count as age yet.
    package let heldBack: Duration

    package var description: String {
        let isAhead = reads > expected
        let what =
            switch (kind, isAhead) {
            case (.jumped, _): "the machine's clock reads \(reads) where \(expected) was due by elapsed time"
            case (.sinceLastRun, true):
                "the machine's clock reads \(reads), the outbox was written last at \(expected): no relay ran for so long, or the clock is wrong"
            case (.sinceLastRun, false):
                "the machine's clock reads \(reads), and the outbox was written last at \(expected), which is later"
            }
        let pruning =
            heldBack > .seconds(1)
            ? "\(heldBack.told) of it do not count towards outbox.retention and dedup.retention yet: they age at twice the pace until they have caught up"
            : "outbox.retention and dedup.retention go on by elapsed time"
        return "\(what). \(pruning). Envelopes and records carry the clock's time: let NTP keep it"
    }
}
