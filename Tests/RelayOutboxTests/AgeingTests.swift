import RelayCore
import Testing

@testable import RelayOutbox

@Suite("The clock by which rows age", .timeLimit(.minutes(5)))
struct AgeingTests {
    private static let start = SampleFact.start
    private let day = Duration.seconds(86_400)

    private func moment(_ wall: Duration, _ elapsed: Duration, boot: String? = "a") -> Ageing.Moment {
        Ageing.Moment(wall: Self.start.advanced(by: wall), elapsed: elapsed, boot: boot)
    }

    private func resumed(_ ageing: Ageing, at moment: Ageing.Moment, newest: Timestamp? = nil) -> Ageing {
        Ageing(resuming: ageing.record, newest: newest, at: moment)
    }

    private func age(_ ageing: Ageing) -> Duration { .milliseconds(ageing.reading.milliseconds - Self.start.milliseconds) }

    @Test("goes with a clock that is right, to the millisecond, however often it is looked at")
    func right() {
        var ageing = Ageing(resuming: nil, newest: nil, at: moment(.zero, .seconds(7)))
        #expect(ageing.jumpAtStart == nil)
        for step in 1...3000 {
            let passed = Duration.microseconds(step * 333)
            let quiet = ageing.advance(to: moment(passed, .seconds(7) + passed))
            #expect(quiet == nil)
        }
        #expect(age(ageing) == .milliseconds(999) && ageing.doubt == nil)
    }

    @Test("loses no millisecond, however far it has come")
    func wholeMilliseconds() {
        var ageing = Ageing(resuming: nil, newest: nil, at: moment(.zero, .zero))
        for step in 1...2000 {
            // Amounts of which a floating-point quotient falls short.
            let passed = Duration.milliseconds(Int64(step) * 1_795_512_777_123 / 7)
            _ = ageing.advance(to: moment(passed, passed))
            #expect(passed.wholeMilliseconds == Int64(step) * 1_795_512_777_123 / 7)
            #expect(ageing.record.elapsed == passed)
        }
    }

    @Test("goes on at twice the pace at most while the machine's clock is ahead, and tells of the jump once")
    func jumpAhead() throws {
        var ageing = Ageing(resuming: nil, newest: nil, at: moment(.zero, .zero))
        let told = ageing.advance(to: moment(day * 400 + .seconds(1), .seconds(1)))
        let jump = try #require(told)
        #expect(jump.kind == .jumped && jump.heldBack >= day * 399 && age(ageing) == .seconds(2))
        #expect(jump.reads == Self.start.advanced(by: day * 400 + .seconds(1)) && jump.expected == Self.start.advanced(by: .seconds(1)))
        let again = ageing.advance(to: moment(day * 400 + .seconds(4), .seconds(4)))
        #expect(again == nil)
        #expect(age(ageing) == .seconds(8) && ageing.doubt != nil)
        // Mended: never back, and no faster than time.
        let mended = ageing.advance(to: moment(.seconds(5), .seconds(5)))
        #expect(mended != nil)
        #expect(age(ageing) == .seconds(9) && ageing.doubt == nil)
        _ = ageing.advance(to: moment(.seconds(60), .seconds(60)))
        #expect(age(ageing) == .seconds(64))
    }

    @Test("goes on with time while the machine's clock is behind, and tells of it")
    func jumpBack() throws {
        var ageing = Ageing(resuming: nil, newest: nil, at: moment(.zero, .zero))
        let told = ageing.advance(to: moment(.zero - day * 400, .seconds(10)))
        let jump = try #require(told)
        #expect(jump.heldBack == .zero && age(ageing) == .seconds(10) && ageing.doubt != nil)
        let mended = ageing.advance(to: moment(day, day))
        #expect(mended != nil)
        #expect(age(ageing) == day && ageing.doubt == nil)
    }

    @Test(
        "counts the time between two runs on one start of the machine in full, whatever the machine's clock says",
        arguments: [-400, 0, 400]
    )
    func sameBoot(error: Int) {
        let first = Ageing(resuming: nil, newest: nil, at: moment(.zero, day))
        var second = resumed(first, at: moment(day * 3 + day * error, day * 4))
        #expect(age(second) == day * 3 && (second.jumpAtStart != nil) == (error != 0))
        _ = second.advance(to: moment(day * 3 + day * error + .seconds(1), day * 4 + .seconds(1)))
        #expect(age(second) == day * 3 + .seconds(error > 0 ? 2 : 1))
    }

    @Test("catches up with the time of a machine that was off, at twice the pace, and tells of it when that was long", arguments: [1, 30])
    func otherBoot(days: Int) throws {
        let first = Ageing(resuming: nil, newest: nil, at: moment(.zero, day))
        var second = resumed(first, at: moment(day * days - .seconds(1), .seconds(5), boot: "b"))
        #expect(age(second) == .zero && (second.jumpAtStart?.kind == .sinceLastRun) == (days > 1))
        _ = second.advance(to: moment(day * days * 2 - .seconds(1), .seconds(5) + day * days, boot: "b"))
        #expect(age(second) == day * days * 2 - .seconds(1))
        // A clock behind the last run is odd however little it is.
        #expect(resumed(first, at: moment(.seconds(-90), .zero, boot: "b")).jumpAtStart != nil)
        #expect(resumed(first, at: moment(day * 3, .seconds(9), boot: nil)).reading == first.reading)
    }

    @Test("begins where the newest row is, in a file that has no such record, and never before a row")
    func firstTime() throws {
        let newest = Self.start.advanced(by: .zero - day * 5)
        let old = Ageing(resuming: nil, newest: newest, at: moment(.zero, .zero))
        #expect(old.reading == newest && old.jumpAtStart?.expected == newest)
        let ahead = Ageing(resuming: nil, newest: Self.start.advanced(by: day), at: moment(.zero, .zero))
        #expect(ahead.reading == Self.start && ahead.jumpAtStart?.reads == Self.start)
        let row = Self.start.advanced(by: .seconds(40))
        #expect(resumed(ahead, at: moment(.zero, .zero, boot: "b"), newest: row).reading == row)
    }

    @Test("counts time once that passed before a row which is newer than the record, as after kill -9")
    func rowAfterTheRecord() {
        let saved = Ageing(resuming: nil, newest: nil, at: moment(.zero, .zero))
        let row = Self.start.advanced(by: .seconds(40))
        let killed = resumed(saved, at: moment(.seconds(41), .seconds(41)), newest: row)
        #expect(age(killed) == .seconds(41) && killed.jumpAtStart == nil)
        // Of a machine that was off nobody knows for how long: not before the row, and no later.
        let rebooted = resumed(saved, at: moment(.seconds(41), .seconds(1), boot: "b"), newest: row)
        #expect(age(rebooted) == .seconds(40))
    }

    @Test("says both times and what is held back")
    func words() throws {
        var ageing = Ageing(resuming: nil, newest: nil, at: moment(.zero, .zero))
        let told = ageing.advance(to: moment(day * 400, .seconds(1)))
        let jump = try #require(told)
        #expect(jump.description.contains("reads 2027-12-28T09:12:55.123Z where 2026-11-23T09:12:56.123Z was due"), "\(jump)")
        #expect(jump.description.contains("399 d 23 h of it do not count"), "\(jump)")
    }
}
