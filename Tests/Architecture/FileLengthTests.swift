import Testing

/// One idea a file: past 400 lines there are two.
enum FileLength {
    static let most = 400

    static func faults(path: String, text: String) -> [Fault] {
        let lines = text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) + (text.isEmpty || text.hasSuffix("\n") ? 0 : 1)
        return lines > most ? [Fault(path: path, line: 0, reason: "\(lines) lines, more than \(most): one idea a file")] : []
    }
}

@Suite("File length", .timeLimit(.minutes(5)))
struct FileLengthTests {
    @Test("no file is past 400 lines")
    func tree() throws {
        let files = try Tree.files(in: "Sources", "Tests", "deploy", ".ci")
        #expect(files.contains { $0.path == "deploy/test" })
        #expect(files.flatMap { FileLength.faults(path: $0.path, text: $0.text) } == [])
    }

    @Test("line 401 is refused, with or without a newline at its end")
    func refuses() {
        let most = String(repeating: "x\n", count: 400)
        #expect(FileLength.faults(path: "a", text: most) == [])
        #expect(FileLength.faults(path: "a", text: most + "x").count == 1)
        #expect(FileLength.faults(path: "a", text: most + "x\n").count == 1)
    }
}
