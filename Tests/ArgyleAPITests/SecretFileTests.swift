import Foundation
import RelayTestSupport
import Testing

@testable import ArgyleRelay

@Suite("The file of secrets", .timeLimit(.minutes(1)))
struct SecretFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) throws -> UInt32 {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o7777
    }

    private var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } }

    @Test("is replaced whole, keeps its mode, and a link to it stays a link", arguments: [0o400, 0o600, 0o640] as [UInt32])
    func replaced(mode wanted: UInt32) throws {
        defer { folder.remove() }
        let (real, link) = (folder.path + "/real", folder.path + "/link")
        try "old\n".write(toFile: real, atomically: false, encoding: .utf8)
        try #require(chmod(real, wanted) == 0 && symlink("real", link) == 0)
        // A draft that a run left when it was killed.
        try "half".write(toFile: real + ".draft", atomically: false, encoding: .utf8)
        let before = try #require(FileManager.default.attributesOfItem(atPath: real)[.systemFileNumber] as? Int)
        try SecretFile(link).write(["new", "old"])
        #expect(try String(contentsOfFile: link, encoding: .utf8) == "new\nold\n")
        #expect(try mode(real) == wanted)
        #expect(try #require(FileManager.default.attributesOfItem(atPath: real)[.systemFileNumber] as? Int) != before)
        #expect(try names == ["link", "real"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real")
    }

    @Test("what lies beside it has its mode; it can be taken away, and is nothing where it is not")
    func beside() throws {
        defer { folder.remove() }
        let path = folder.path + "/secrets"
        try "old\n".write(toFile: path, atomically: false, encoding: .utf8)
        try #require(chmod(path, 0o640) == 0)
        let file = try SecretFile(path)
        #expect(try file.read(beside: ".rotation") == nil)
        try RotationRecord(new: "n", old: ["o"]).write(beside: file)
        #expect(try mode(file.beside(".rotation")) == 0o640)
        let record = try #require(try RotationRecord.read(beside: file))
        #expect(record.isNew("n") && !record.isNew("o") && record.isOld("o") && !record.isTaken)
        try file.remove(beside: ".rotation")
        try file.remove(beside: ".rotation")
        #expect(try names == ["secrets"])
        try "{".write(toFile: file.beside(".rotation"), atomically: false, encoding: .utf8)
        #expect(throws: SecretFile.Fault.self) { try RotationRecord.read(beside: file) }
        #expect(throws: SecretFile.Fault.self) { try SecretFile(folder.path + "/none") }
    }

    @Test("one rotation at a time works in its folder")
    func locked() async throws {
        defer { folder.remove() }
        let path = folder.path + "/secrets"
        try "old\n".write(toFile: path, atomically: false, encoding: .utf8)
        let file = try SecretFile(path)
        try await file.locked {
            let fault = await caught(SecretFile.Fault.self) { try await file.locked {} }
            #expect(fault?.description.contains("another rotation") == true)
        }
        try await file.locked {}
    }
}
