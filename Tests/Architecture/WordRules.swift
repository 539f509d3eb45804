/// Words that may not stand in code, and where: each rule is one fault that reviews kept finding.
struct WordRule: Sendable {
    let words: [String]
    /// Prefixes of the paths where the rule holds, and of those within them where it does not.
    let holdsIn: [String]
    var exceptIn: [String] = []
    let reason: String

    func faults(path: String, text: String) -> [Fault] {
        guard holdsIn.contains(where: path.hasPrefix), !exceptIn.contains(where: path.hasPrefix) else { return [] }
        let source = SourceText(text)
        return words.flatMap { word in
            source.lines(with: word).map { Fault(path: path, line: $0, reason: "\(word): \(reason)") }
        }
    }

    static let pureCore = WordRule(
        words: ["async", "await", "Task", "print("],
        holdsIn: ["Sources/RelayCore/"],
        reason: "the core is pure and does not wait"
    )

    static let coreClock = WordRule(
        words: ["Date()", ".now", "ContinuousClock", "SuspendingClock", "DispatchTime", "clock_gettime", "gettimeofday", "time(nil)"],
        holdsIn: ["Sources/RelayCore/"],
        // Only carries a clock that was handed in, for the targets above.
        exceptIn: ["Sources/RelayCore/Words/TimeSource.swift"],
        reason: "time is an argument in the core"
    )

    static let clock = WordRule(
        words: ["Date()", "Date.now", "ContinuousClock()", "SuspendingClock()"],
        holdsIn: ["Sources/"],
        exceptIn: ["Sources/ArgyleRelay/"],
        reason: "a clock is made only where the program is composed, and passed in"
    )

    static let traps = WordRule(
        words: ["try!", "as!", "fatalError"],
        holdsIn: ["Sources/"],
        reason: "nothing reachable from input may trap"
    )

    static let printing = WordRule(
        words: ["print(", "debugPrint(", "NSLog("],
        holdsIn: ["Sources/"],
        exceptIn: ["Sources/ArgyleRelay/"],
        reason: "only the commands print; everything else has a logger"
    )

    static let discardingGroups = WordRule(
        words: ["withDiscardingTaskGroup", "withThrowingDiscardingTaskGroup"],
        holdsIn: ["Sources/"],
        reason: "before Swift 6.2 its cancelAll() uses children that are freed (swiftlang/swift#80808)"
    )

    /// Paths that may sleep all the same, each with its reason.
    static let sleepers: [String: String] = [:]

    static let sleeps = WordRule(
        words: ["Task.sleep", "Thread.sleep", "usleep", "nanosleep"],
        holdsIn: ["Sources/", "Tests/"],
        exceptIn: Array(sleepers.keys),
        reason: "await an event, or a clock that was passed in"
    )

    static let all = [pureCore, coreClock, clock, traps, printing, discardingGroups, sleeps]
}
