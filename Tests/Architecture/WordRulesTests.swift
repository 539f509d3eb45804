import Testing

@Suite("Words", .timeLimit(.minutes(5)))
struct WordRulesTests {
    @Test("no forbidden word stands in the tree")
    func tree() throws {
        let files = try Tree.files(in: "Sources", "Tests").filter(\.isSwift)
        #expect(files.flatMap { file in WordRule.all.flatMap { $0.faults(path: file.path, text: file.text) } } == [])
    }

    @Test(
        "each forbidden word is refused where its rule holds",
        arguments: [
            ("Sources/RelayCore/A.swift", "func f() async {}", "async"),
            ("Sources/RelayCore/A.swift", "let t = Date()", "Date()"),
            ("Sources/RelayCore/A.swift", "f(.now)", ".now"),
            ("Sources/RelayCore/A.swift", "let c: ContinuousClock", "ContinuousClock"),
            ("Sources/RelayCore/A.swift", "let c = SuspendingClock()", "SuspendingClock"),
            ("Sources/RelayCore/A.swift", "clock_gettime(CLOCK_REALTIME, &t)", "clock_gettime"),
            ("Sources/RelayKafka/A.swift", "let c = ContinuousClock()", "ContinuousClock()"),
            ("Sources/RelayKafka/A.swift", "let x = try! f()", "try!"),
            ("Sources/ArgyleRelay/A.swift", "let x = y as! Z", "as!"),
            ("Sources/RelayHTTP/A.swift", "fatalError(\"no\")", "fatalError"),
            ("Sources/RelayHTTP/A.swift", "print(x)", "print("),
            ("Sources/RelayHTTP/A.swift", "await withDiscardingTaskGroup { _ in }", "withDiscardingTaskGroup"),
            ("Sources/RelayHTTP/A.swift", "try await Task.sleep(for: .seconds(1))", "Task.sleep"),
            ("Tests/RelayHTTPTests/A.swift", "Thread.sleep(forTimeInterval: 1)", "Thread.sleep"),
            ("Tests/RelayHTTPTests/A.swift", "usleep(10)", "usleep"),
        ]
    )
    func refuses(path: String, text: String, word: String) {
        let faults = WordRule.all.flatMap { $0.faults(path: path, text: "\n" + text) }
        #expect(faults.contains { $0.line == 2 && $0.reason.hasPrefix("\(word): ") })
    }

    @Test(
        "the same words pass where they are at home, and in comments and strings",
        arguments: [
            ("Sources/ArgyleRelay/A.swift", "print(ContinuousClock().now, Date())"),
            ("Sources/RelayKafka/A.swift", "func f() async throws { try await clock.sleep(until: .now) }"),
            ("Sources/RelayCore/A.swift", "/// Never async, and no Date().\nlet s = \"fatalError print( try! Task.sleep\""),
            ("Tests/RelayCoreTests/A.swift", "let x = try! f(Date())"),
        ]
    )
    func accepts(path: String, text: String) {
        #expect(WordRule.all.flatMap { $0.faults(path: path, text: text) } == [])
    }

    @Test("who sleeps all the same is still there, and has a reason")
    func sleepersExist() throws {
        let paths = Set(try Tree.files(in: "Sources", "Tests").map(\.path))
        for (path, reason) in WordRule.sleepers { #expect(paths.contains(path) && !reason.isEmpty, "\(path)") }
    }
}
