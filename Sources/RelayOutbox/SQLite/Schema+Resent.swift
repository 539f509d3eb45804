extension Schema {
    /// Version 5: sets that are known come again, and facts may have another origin than a delivery. Nothing in it walks over a table: an
    /// outbox of millions of facts opens as fast as an empty one.
    static let resent = """
        -- The CloudEvents attribute of that name; NULL for what Argyle delivered.
        ALTER TABLE entries ADD COLUMN origin TEXT;
        DROP VIEW outbox;
        CREATE VIEW outbox AS
            SELECT e.sequence, e.fact, e.topic, e.user, e.event, e.subscription, e.source, e.origin, e.received, e.code, e.detail,
                coalesce(o.state, 'pending') AS state, coalesce(o.attempts, 0) AS attempts, o.settled, o.partition, o."offset",
                o.error_code, o.error_detail, o.discarded, o.discard_reason, e.body
            FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence;

        -- When the last copy came, by the machine's clock and by that of ageing; NULL where none has come since this version.
        ALTER TABLE facts ADD COLUMN copied INTEGER;
        ALTER TABLE facts ADD COLUMN copied_aged INTEGER;
        -- Of a user's set: 16 bytes that tell whether what Argyle says besides it has changed. NULL in facts from before this version.
        ALTER TABLE facts ADD COLUMN particulars BLOB;

        -- Facts whose name was there before.
        CREATE TABLE again (
            sequence INTEGER PRIMARY KEY,
            first BLOB NOT NULL CHECK (length(first) = 16),   -- the id of the first with that name
            number INTEGER NOT NULL CHECK (number > 1),       -- which one it is, counted from 1
            before INTEGER                                    -- the one before, which may be forgotten by now; NULL: not known
        );
        INSERT INTO again (sequence, first, number) SELECT sequence, id, number FROM repeats;

        -- Copies that came later than dedup.window, and what they would have been, had dedup.resent been publish.
        CREATE TABLE resent (
            sequence INTEGER NOT NULL,                        -- of the fact that they were taken for
            number INTEGER NOT NULL CHECK (number > 0),       -- counted from 1; of one fact the last ones are kept
            received INTEGER NOT NULL,
            change TEXT NOT NULL CHECK (change IN ('initial', 'grown', 'shrunk', 'replaced', 'amended')),
            PRIMARY KEY (sequence, number)
        ) WITHOUT ROWID;

        -- A change may be 'amended'. The CHECK alone is rewritten, by https://www.sqlite.org/lang_altertable.html, section 7: it lets
        -- through what it let through before. RESET has SQLite read the schema anew; that its number goes up, the tables above see to.
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, '''replaced'')', '''replaced'', ''amended'')') WHERE type = 'table' AND name = 'facts';
        PRAGMA writable_schema = RESET;
        -- It fails, and this step with it, unless that was done.
        INSERT INTO facts (sequence, id, change, revision, first_seen) VALUES (-1, zeroblob(16), 'amended', 1, 0);
        DELETE FROM facts WHERE sequence = -1;
        """
}
