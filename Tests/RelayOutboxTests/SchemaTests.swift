import RelayTestSupport
import Testing

@testable import RelayOutbox

@Suite("The schema", .timeLimit(.minutes(5)))
struct SchemaTests {
    private static let entry = "INSERT INTO entries (sequence, fact, topic, source, received, body, event, code) VALUES "
    private static let outcome = #"INSERT INTO outcomes (sequence, state, attempts, settled, "offset", error_code) VALUES "#
    private static let fact = "INSERT INTO facts (sequence, id, first_seen, kind, change, revision) VALUES "

    @Test(
        "refuses rows that the relay never writes",
        arguments: [
            entry + "(1, zeroblob(15), 't', 's', 0, x'00', 'e', NULL)", entry + "(1, zeroblob(16), 't', 's', 0, x'00', NULL, NULL)",
            entry + "(1, zeroblob(16), 't', 's', 0, x'00', 'e', 'c')", entry + "(1, zeroblob(16), NULL, 's', 0, x'00', 'e', NULL)",
            entry + "(1, zeroblob(16), 't', 's', 0, NULL, 'e', NULL)", outcome + "(1, 'claimed', 1, NULL, NULL, NULL)",
            outcome + "(1, 'pending', 1, 7, NULL, NULL)", outcome + "(1, 'published', 1, NULL, 7, NULL)",
            outcome + "(1, 'published', 1, 7, NULL, NULL)", outcome + "(1, 'dead', 1, 7, NULL, NULL)",
            outcome + "(1, 'published', 0, 7, 7, NULL)", "INSERT INTO pending (topic, sequence) VALUES (NULL, 1)",
            "UPDATE outcomes SET discarded = 7 WHERE sequence = 8",
            "UPDATE outcomes SET discarded = 7, discard_reason = 'r' WHERE sequence = 9",
            fact + "(1, zeroblob(17), 0, NULL, NULL, NULL)", fact + "(1, zeroblob(16), 0, 2, NULL, NULL)",
            fact + "(1, zeroblob(16), 0, 0, 'changed', 1)", fact + "(1, zeroblob(16), 0, 0, 'initial', NULL)",
            fact + "(1, zeroblob(16), 0, 0, NULL, 1)", fact + "(1, zeroblob(16), 0, 0, 'initial', 0)",
            "INSERT INTO fact_ids (id, sequence) VALUES (zeroblob(15), 1)",
            "INSERT INTO users (user, last_fact, revision) VALUES ('u', 1, -1)", "INSERT INTO progress VALUES (2, 0, 0)",
            "UPDATE progress SET filed = 1",
        ]
    )
    func checks(sql: String) async throws {
        try await TemporaryOutbox().withOutbox { outbox in
            try await outbox.execute(Self.outcome + "(8, 'dead', 1, 7, NULL, 'x'), (9, 'published', 1, 7, 7, NULL)")
            let error = await caught(OutboxError.self) { try await outbox.execute(sql) }
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
            try await outbox.execute(Self.entry + "(1, zeroblob(16), 't', 's', 0, x'00', 'e', NULL)")
            try await outbox.execute(Self.entry + "(2, zeroblob(16), 't', 's', 0, x'00', NULL, 'c')")
            try await outbox.execute(Self.outcome + "(1, 'published', 1, 7, 7, NULL), (2, 'dead', 1, 7, NULL, 'x')")
            try await outbox.execute("UPDATE outcomes SET discarded = 7, discard_reason = 'r' WHERE sequence = 2")
            try await outbox.execute(Self.fact + "(1, zeroblob(16), 0, 0, 'initial', 1)")
        }
    }

    @Test("shows an entry with what became of it, as those who look into the file ask for it")
    func view() async throws {
        try await TemporaryOutbox().withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1"))
            _ = try await outbox.append(try SampleFact.sync("user-2"))
            outbox.publish(try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 1))
            _ = try await outbox.currentStatus()
            #expect(
                try await outbox.integer("SELECT count(*) FROM outbox WHERE state = 'published' AND attempts = 1 AND user = 'user-1'") == 1
            )
            #expect(
                try await outbox.integer("SELECT count(*) FROM outbox WHERE state = 'pending' AND attempts = 0 AND settled IS NULL") == 1
            )
        }
    }

    @Test("finds what waits, and what is dead, without walking over what is done")
    func plans() async throws {
        try await TemporaryOutbox().withOutbox { outbox in
            for (query, index) in [
                (
                    """
                    SELECT body FROM pending p LEFT JOIN entries e ON e.sequence = p.sequence
                    WHERE p.topic = 't' AND p.sequence > 7 ORDER BY p.sequence LIMIT 5
                    """, "SEARCH p USING PRIMARY KEY"
                ),
                ("SELECT topic FROM pending WHERE topic > 't' ORDER BY topic LIMIT 1", "SEARCH pending USING PRIMARY KEY"),
                (
                    """
                    SELECT e.sequence, 1 FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence
                    WHERE o.state = 'dead' AND o.discarded IS NULL AND o.sequence < 7 ORDER BY o.sequence DESC LIMIT 5
                    """, "outcomes_dead"
                ),
            ] {
                let plan = try await outbox.visit { writer throws(SQLiteError) in
                    var plan: [String] = []
                    try writer.connection.statement("EXPLAIN QUERY PLAN " + query).rows {
                        plan.append($0.text(3))
                        return true
                    }
                    return plan
                }
                #expect(plan.first?.contains(index) == true && !plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            }
        }
    }
}
