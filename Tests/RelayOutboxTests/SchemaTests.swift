import Testing

@testable import RelayOutbox

@Suite("The schema")
struct SchemaTests {
    private static let entry =
        #"INSERT INTO entries (fact, topic, source, received, body, event, code, state, settled, "offset", error_code) VALUES "#
    private static let fact = "INSERT INTO facts (id, sequence, first_seen, kind, change, revision) VALUES "

    @Test(
        "refuses rows that the relay never writes",
        arguments: [
            entry + "(zeroblob(15), 't', 's', 0, x'00', 'e', NULL, 'pending', NULL, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', NULL, 'claimed', NULL, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', NULL, 'pending', 7, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', NULL, 'published', NULL, 7, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', NULL, 'published', 7, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', NULL, 'dead', 7, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', NULL, NULL, 'pending', NULL, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', 'c', 'pending', NULL, NULL, NULL)",
            entry + "(zeroblob(16), NULL, 's', 0, x'00', 'e', NULL, 'pending', NULL, NULL, NULL)",
            entry + "(zeroblob(16), 't', 's', 0, NULL, 'e', NULL, 'pending', NULL, NULL, NULL)",
            fact + "(zeroblob(17), 1, 0, NULL, NULL, NULL)", fact + "(zeroblob(16), 1, 0, 2, NULL, NULL)",
            fact + "(zeroblob(16), 1, 0, 0, 'changed', 1)", fact + "(zeroblob(16), 1, 0, 0, 'initial', NULL)",
            fact + "(zeroblob(16), 1, 0, 0, NULL, 1)", fact + "(zeroblob(16), 1, 0, 0, 'initial', 0)",
            "INSERT INTO users (user, revision, last_fact) VALUES ('u', -1, x'00')",
        ]
    )
    func checks(sql: String) async throws {
        try await TemporaryOutbox().withOutbox { outbox in
            let error = await #expect(throws: OutboxError.self) { try await outbox.execute(sql) }
            guard case .failed(let cause) = error else {
                Issue.record("not a failure of the store")
                return
            }
            #expect(cause.concernsTheRowAlone && cause.code == 19)
        }
    }

    @Test("takes the same rows when they are right")
    func goodRows() async throws {
        try await TemporaryOutbox().withOutbox { outbox in
            try await outbox.execute(Self.entry + "(zeroblob(16), 't', 's', 0, x'00', 'e', NULL, 'published', 7, 7, NULL)")
            try await outbox.execute(Self.entry + "(zeroblob(16), 't', 's', 0, x'00', NULL, 'c', 'dead', 7, NULL, 'x')")
            try await outbox.execute(Self.fact + "(zeroblob(16), 1, 0, 0, 'initial', 1)")
        }
    }

    @Test("finds what waits by its index, not by walking over what is done")
    func plans() async throws {
        try await TemporaryOutbox().withOutbox { outbox in
            for query in [
                "SELECT body FROM entries WHERE state = 'pending' AND topic = 't' AND sequence > 7 ORDER BY sequence LIMIT 5",
                "SELECT topic FROM entries WHERE state = 'pending' AND topic > 't' ORDER BY topic LIMIT 1",
                "SELECT received FROM entries WHERE state = 'pending' AND topic = 't' ORDER BY sequence LIMIT 1",
            ] {
                let plan = try await outbox.visit { writer throws(SQLiteError) in
                    try writer.connection.statement("EXPLAIN QUERY PLAN " + query).first { $0.text(3) } ?? ""
                }
                #expect(plan.contains("entries_pending") && plan.hasPrefix("SEARCH"), "\(plan)")
            }
        }
    }
}
