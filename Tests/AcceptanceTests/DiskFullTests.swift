import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a disk that fills up", .enabled("mounting a tmpfs wants root", SmallDisk.isPossible), .timeLimit(.minutes(5)))
    struct DiskFullTests {
        @Test("is answered 503, and once there is room deliveries are taken again; what was accepted is all there")
        func full() async throws {
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            let disk = try await SmallDisk(at: place.folder.path + "/data", size: "6m")
            let ballast = place.folder.path + "/data/ballast"
            #expect(FileManager.default.createFile(atPath: ballast, contents: Data(count: 4 << 20)))
            do {
                let relay = try await RelayProcess(place)
                let load = LoadGenerator(relay.deliveries)
                let users = (0..<8).map { SampleUser($0).bodies(revisions: 400) }
                var report = try await load.send(users: users, connections: 8, patience: .stopsAtFailure)
                #expect(report.statuses[503, default: 0] > 0)
                #expect(Set(report.statuses.keys) == [200, 503])
                // What the load left free must not do for one small delivery more.
                try disk.fill()
                // A commit that failed leaves room in the log that it had begun to write, so a few small ones may still fit.
                var refused = try await Curl.deliver(SampleUser(99).body(revision: 1), to: relay.deliveries)
                for revision in 2...2000 where refused.status == 200 {
                    refused = try await Curl.deliver(SampleUser(99).body(revision: revision), to: relay.deliveries)
                }
                try expectProblem(refused, 503, "store_failed")
                #expect(try await relay.readiness().text.contains("store_failed"))

                try FileManager.default.removeItem(atPath: ballast)
                try disk.empty()
                let later = SampleUser(100).bodies(revisions: 3)
                report.add(try await load.send([later], patience: .retries(until: .now + .seconds(15))))
                #expect(report.failures == [])
                await relay.end(SIGKILL)
                let facts = Set(try await place.rows("SELECT lower(hex(id)) FROM facts"))
                #expect(report.accepted.count > 10)
                #expect(Set(report.accepted.map { $0.replacing("-", with: "").lowercased() }).subtracting(facts) == [])
                #expect(try await place.rows("SELECT max(revision) FROM facts WHERE user = '\(SampleUser(100).id)'") == ["3"])
                #expect(try await place.rows("PRAGMA integrity_check") == ["ok"])
                await disk.remove()
            } catch {
                await disk.remove()
                throw error
            }
            place.folder.remove()
        }
    }
}

/// A tmpfs of a few megabytes.
struct SmallDisk {
    let path: String

    @Sendable
    static func isPossible() async throws -> Bool {
        guard geteuid() == 0 else { return false }
        let folder = try TemporaryFolder()
        guard let disk = try? await SmallDisk(at: folder.path + "/disk", size: "1m") else { return false }
        await disk.remove()
        folder.remove()
        return true
    }

    private var filler: String { path + "/filler" }

    /// Takes every byte that is left.
    func fill() throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(file) }
        var size = 65_536
        while size > 0 {
            let written = write(file, [UInt8](repeating: 0, count: size), size)
            if written < size { size /= 2 }
        }
    }

    /// Gives back what ``fill()`` took.
    func empty() throws { try FileManager.default.removeItem(atPath: filler) }

    init(at path: String, size: String) async throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mounted = try await Command.run("mount", ["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path])
        guard mounted.status == 0 else { throw Command.CannotRun(program: "mount", reason: mounted.errors) }
    }

    func remove() async { _ = try? await Command.run("umount", ["-l", path]) }
}
