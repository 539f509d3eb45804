import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a disk that fills up", .enabled("mounting a tmpfs wants root") { try await SmallDisk.isPossible })
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
                let refused = try await Curl.deliver(SampleUser(99).body(revision: 1), to: relay.deliveries)
                try expectProblem(refused, 503, "store_failed")
                #expect(try await relay.readiness().text.contains("store_failed"))

                try FileManager.default.removeItem(atPath: ballast)
                let later = SampleUser(100).bodies(revisions: 3)
                report.add(try await load.send([later], patience: .retries(until: .now + .seconds(15))))
                #expect(report.failures == [])
                await relay.end(SIGKILL)
                let facts = Set(try await place.rows("SELECT lower(hex(id)) FROM facts"))
                #expect(report.accepted.count > 10)
                #expect(Set(report.accepted.map { $0.replacing("-", with: "").lowercased() }).subtracting(facts) == [])
                #expect(try await place.rows("SELECT count(*) FROM users WHERE user = '\(SampleUser(100).id)' AND revision = 3") == ["1"])
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

    static var isPossible: Bool {
        get async throws {
            guard geteuid() == 0 else { return false }
            let folder = try TemporaryFolder()
            guard let disk = try? await SmallDisk(at: folder.path + "/disk", size: "1m") else { return false }
            await disk.remove()
            folder.remove()
            return true
        }
    }

    init(at path: String, size: String) async throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mounted = try await Command.run("mount", ["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path])
        guard mounted.status == 0 else { throw Command.CannotRun(program: "mount", reason: mounted.errors) }
    }

    func remove() async { _ = try? await Command.run("umount", ["-l", path]) }
}
