import Foundation
import RelayCore
import Synchronization
import Testing

@testable import RelayOutbox

@Suite("An outbox whose file is no longer in its place", .timeLimit(.minutes(1)))
struct DisplacementTests {
    private let place: TemporaryOutbox
    private let files = FileManager.default

    init() throws { place = try TemporaryOutbox() }

    /// Ways to take the file from where it was opened, and to put it back.
    enum Way: CaseIterable {
        case folderRenamed, fileRenamed, logRenamed, fileReplaced

        func take(_ place: TemporaryOutbox) throws {
            let files = FileManager.default
            switch self {
            case .folderRenamed: try files.moveItem(atPath: place.folder, toPath: place.folder + "-moved")
            case .fileRenamed: try files.moveItem(atPath: place.path, toPath: place.path + "-moved")
            case .logRenamed: try files.moveItem(atPath: place.path + "-wal", toPath: place.path + "-moved")
            case .fileReplaced:
                try files.moveItem(atPath: place.path, toPath: place.path + "-moved")
                try files.copyItem(atPath: place.path + "-moved", toPath: place.path)
            }
        }

        func putBack(_ place: TemporaryOutbox) throws {
            let files = FileManager.default
            switch self {
            case .folderRenamed: try files.moveItem(atPath: place.folder + "-moved", toPath: place.folder)
            case .fileRenamed: try files.moveItem(atPath: place.path + "-moved", toPath: place.path)
            case .logRenamed: try files.moveItem(atPath: place.path + "-moved", toPath: place.path + "-wal")
            case .fileReplaced:
                try files.removeItem(atPath: place.path)
                try files.moveItem(atPath: place.path + "-moved", toPath: place.path)
            }
        }
    }

    private func expectDisplaced(_ outbox: SQLiteOutbox, _ fact: Fact) async throws {
        do throws(OutboxError) {
            let receipt = try await outbox.append(fact)
            Issue.record("answered \(receipt)")
        } catch {
            guard case .displaced = error else { throw error }
        }
    }

    @Test(
        "takes nothing, not even what it knows, tells once, goes on with settlements, and goes on when it is put back",
        arguments: Way.allCases
    )
    func comesBack(way: Way) async throws {
        try await place.withOutbox { outbox in
            var notices = outbox.notices.makeAsyncIterator()
            let known = try SampleFact.sync("known")
            let new = try SampleFact.sync("new")
            _ = try await outbox.append(known)
            let entries = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10)
            try way.take(place)
            for fact in [new, known, new] { try await expectDisplaced(outbox, fact) }
            guard case .displaced(let what) = await notices.next() else {
                Issue.record("not told")
                return
            }
            #expect(what.contains("-moved"), "\(what)")
            #expect(try await outbox.currentStatus().displaced == what)
            await #expect(throws: OutboxError.displaced(what)) { try await outbox.discard(known.id, reason: "r") }
            outbox.publish(entries)
            #expect(try await outbox.currentStatus().pending == 0)

            try way.putBack(place)
            #expect(try await outbox.append(new).isAccepted)
            #expect(try await outbox.append(known) == .duplicate(known.id))
            #expect(await notices.next() == .inPlaceAgain(path: place.path))
            #expect(try await outbox.currentStatus().displaced == nil)
        }
        let facts = try await place.withOutbox { outbox in try await outbox.integer("SELECT count(*) FROM facts") }
        #expect(facts == 2)
    }

    @Test("whose folder cannot be asked for its free space is none to rely on, until it can")
    func unknownDisk() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("one"))
            try Way.folderRenamed.take(place)
            // The look of every second falls into this time.
            place.time.advance(.seconds(2))
            try await expectDisplaced(outbox, try SampleFact.sync("two"))
            #expect(try await outbox.currentStatus().freeDisk == nil)
            try Way.folderRenamed.putBack(place)
            #expect(try await outbox.append(try SampleFact.sync("two")).isAccepted)
        }
    }

    @Test("is found while nothing comes, at the next beat")
    func idle() async throws {
        try await place.withOutbox { outbox in
            var notices = outbox.notices.makeAsyncIterator()
            _ = try await outbox.currentStatus()
            try files.removeItem(atPath: place.path)
            place.beats.beat()
            guard case .displaced(let what) = await notices.next() else {
                Issue.record("not told")
                return
            }
            #expect(what.hasSuffix("it was removed"), "\(what)")
        }
    }

    @Test("that goes away during a commit answers no 200 for it, keeps it from Kafka, and hands it over once it is back")
    func duringCommit() async throws {
        let committed = Mutex<[EventID]>([])
        let outbox = try place.outbox()
        try await running(outbox, onCommit: { entries in committed.withLock { $0 += entries.map(\.id) } }) {
            let path = place.path
            let fact = try SampleFact.sync()
            // Between the look before the transaction and the one after it.
            try await outbox.visit { writer throws(SQLiteError) in
                try writer.connection.onInsert("entries") { rename(path, path + "-moved") }
            }
            try await expectDisplaced(outbox, fact)
            #expect(committed.withLock { $0 } == [])
            try await outbox.execute("DROP TRIGGER moving")
            try files.moveItem(atPath: path + "-moved", toPath: path)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
            #expect(committed.withLock { $0 } == [fact.id])
        }
    }

    @Test("leaves the log of whoever has taken its place, and keeps all it held itself")
    func successor() async throws {
        let moved = place.folder + "/moved"
        let first = try SampleFact.sync("first")
        let second = try SampleFact.sync("second")
        let successor = Mutex<SQLiteOutbox?>(nil)
        try await place.withOutbox { outbox in
            _ = try await outbox.append(first)
            try files.createDirectory(atPath: moved, withIntermediateDirectories: false)
            for suffix in ["", "-wal"] { try files.moveItem(atPath: place.path + suffix, toPath: moved + "/outbox.sqlite" + suffix) }
            let next = try place.outbox()
            successor.withLock { $0 = next }
            // The file is in use wherever it lies.
            #expect(throws: OutboxError.inUse(path: moved + "/outbox.sqlite")) { try place.outbox(at: moved + "/outbox.sqlite") }
        }
        let next = try #require(successor.withLock { $0 })
        let receipt = try await running(next) { try await next.append(second) }
        #expect(receipt.isAccepted)
        let old = try place.outbox(at: moved + "/outbox.sqlite")
        let receipts = [
            try await place.withOutbox { outbox in try await outbox.append(second) },
            try await running(old) { try await old.append(first) },
        ]
        #expect(receipts == [.duplicate(second.id), .duplicate(first.id)])
    }

    @Test("behind a link is watched where the link leads")
    func link() async throws {
        let target = place.folder + "/target.sqlite"
        do { _ = try place.outbox(at: target) }
        try files.createSymbolicLink(atPath: place.path, withDestinationPath: target)
        try await place.withOutbox { outbox in
            #expect(try await outbox.append(try SampleFact.sync("one")).isAccepted)
            try files.moveItem(atPath: target, toPath: target + "-moved")
            try await expectDisplaced(outbox, try SampleFact.sync("two"))
            try files.moveItem(atPath: target + "-moved", toPath: target)
            #expect(try await outbox.append(try SampleFact.sync("two")).isAccepted)
        }
    }
}
