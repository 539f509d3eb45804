import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("config check", .timeLimit(.minutes(5)))
    struct ConfigCheckTests {
        @Test("finds what serve would refuse, by the same setting, and makes nothing", arguments: Fault.allCases)
        func refused(fault: Fault) async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            try await fault.prepare(in: place)
            let before = try await Command.run("find", [place.folder.path]).output
            let check = try await place.run("config", "check", "--config", place.configurationFile)
            #expect(check.status == 78)
            #expect(check.errors.contains("argyle-relay: \(fault.setting): found"), "\(check.errors)")
            #expect(try await Command.run("find", [place.folder.path]).output == before)
            #expect(try await place.serveToItsEnd().status == 78)
        }

        enum Fault: CaseIterable {
            case outboxIsFolder, outboxInFile, outboxIsLink, outboxIsText, newerOutbox, address, adminAddress

            var setting: String {
                switch self {
                case .outboxIsFolder, .outboxInFile, .outboxIsLink, .outboxIsText, .newerOutbox: "outbox.path"
                case .address: "http.host"
                case .adminAddress: "admin.host"
                }
            }

            func prepare(in place: RelayPlace) async throws {
                let file = place.folder.path + "/file"
                try "just text, and long enough for a header of 100 bytes, which SQLite's files have at their beginning, as is well known"
                    .write(toFile: file, atomically: true, encoding: .utf8)
                switch self {
                case .outboxIsFolder: try place.configure(["outbox.path": place.folder.path])
                case .outboxInFile: try place.configure(["outbox.path": file + "/outbox.sqlite"])
                case .outboxIsLink:
                    let link = place.folder.path + "/link"
                    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.folder.path + "/none/outbox.sqlite")
                    try place.configure(["outbox.path": link])
                case .outboxIsText: try place.configure(["outbox.path": file])
                case .newerOutbox:
                    try await RelayProcess(place).end()
                    _ = try await place.rows("PRAGMA user_version = 99")
                // Of TEST-NET-1 (RFC 5737), which is nobody's.
                case .address: try place.configure(["http.host": "192.0.2.1"])
                case .adminAddress: try place.configure(["admin.host": "192.0.2.1", "admin.token": "long-and-random-enough"])
                }
            }
        }

        @Test("passes while the relay runs, and before its first start")
        func fine() async throws {
            let place = try RelayPlace()
            #expect(try await place.run("config", "check", "--config", place.configurationFile).status == 0)
            try await withRelay(place) { _ in
                let check = try await place.run("config", "check", "--config", place.configurationFile)
                #expect(check.status == 0, "\(check.errors)")
            }
        }
    }
}
