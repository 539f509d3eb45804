/// The tables, and the steps from one version of them to the next; a step that was released is never changed.
enum Schema {
    /// "ARLY": marks a file as ours (https://www.sqlite.org/pragma.html#pragma_application_id).
    static let applicationID: Int64 = 0x4152_4C59

    static var newest: Int64 { Int64(migrations.count) }

    /// Migration n makes version n + 1 of version n.
    static let migrations = [
        """
        -- Every fact the relay remembers, in order of acceptance.
        CREATE TABLE facts (
            sequence INTEGER PRIMARY KEY,   -- that of its entry, which may be pruned by now
            id BLOB NOT NULL CHECK (length(id) = 16),
            event TEXT,                     -- NULL: a delivery that nobody could read
            user TEXT,
            previous INTEGER,               -- the same user's fact before this one
            kind INTEGER CHECK (kind IN (0, 1)),
            members TEXT,                   -- accounts (kind 0) or items (kind 1), sorted, joined by commas
            change TEXT CHECK (change IN ('initial', 'grown', 'shrunk', 'replaced')),
            revision INTEGER CHECK (revision > 0),
            secret INTEGER,                 -- position of the secret that signed the first delivery
            first_seen INTEGER NOT NULL,    -- milliseconds since 1970
            duplicates INTEGER NOT NULL DEFAULT 0,
            CHECK ((change IS NULL) = (revision IS NULL))
        );

        -- Where duplicates are found, and what is known of each user. Ids and users come in no order, and to file each as it comes
        -- would write a page for every one: the newest facts are known in memory alone, and filed here many at a time, in order.
        CREATE TABLE fact_ids (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            sequence INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE users (
            user TEXT NOT NULL PRIMARY KEY,
            last_fact INTEGER NOT NULL,
            last_set INTEGER,               -- the fact that the user's set comes from; forgotten with it
            revision INTEGER NOT NULL CHECK (revision >= 0)
        ) WITHOUT ROWID;

        -- One row. Numbers of entries never come back, not even those of pruned ones.
        CREATE TABLE progress (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            accepted INTEGER NOT NULL,      -- the last sequence that was given
            filed INTEGER NOT NULL,         -- facts up to this one are in fact_ids, and in users
            CHECK (filed BETWEEN 0 AND accepted)
        );
        INSERT INTO progress VALUES (1, 0, 0);

        -- What was accepted; a row is written once and never changed.
        CREATE TABLE entries (
            sequence INTEGER PRIMARY KEY,
            fact BLOB NOT NULL CHECK (length(fact) = 16),
            topic TEXT NOT NULL,
            user TEXT,
            event TEXT,                     -- NULL: a dead letter, whose body is the delivery
            subscription TEXT,
            source TEXT NOT NULL,
            received INTEGER NOT NULL,
            code TEXT,                      -- of a dead letter: why it could not be read
            detail TEXT,
            body BLOB NOT NULL,
            CHECK ((event IS NULL) = (code IS NOT NULL))
        );

        -- Entries that wait for Kafka.
        CREATE TABLE pending (
            topic TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            PRIMARY KEY (topic, sequence)
        ) WITHOUT ROWID;

        -- What became of entries that were tried at least once.
        CREATE TABLE outcomes (
            sequence INTEGER PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('pending', 'published', 'dead')),
            attempts INTEGER NOT NULL CHECK (attempts > 0),
            settled INTEGER,
            partition INTEGER,
            "offset" INTEGER,
            error_code TEXT,
            error_detail TEXT,
            discarded INTEGER,              -- when a dead entry was given up by an operator
            discard_reason TEXT,
            CHECK ((state = 'pending') = (settled IS NULL)),
            CHECK ((state = 'published') = ("offset" IS NOT NULL)),
            CHECK (state <> 'dead' OR error_code IS NOT NULL),
            CHECK (discarded IS NULL OR state = 'dead'),
            CHECK ((discarded IS NULL) = (discard_reason IS NULL))
        );
        CREATE INDEX outcomes_dead ON outcomes (sequence) WHERE state = 'dead' AND discarded IS NULL;

        -- Entries as people ask for them.
        CREATE VIEW outbox AS
            SELECT e.sequence, e.fact, e.topic, e.user, e.event, e.subscription, e.source, e.received, e.code, e.detail,
                coalesce(o.state, 'pending') AS state, coalesce(o.attempts, 0) AS attempts, o.settled, o.partition, o."offset",
                o.error_code, o.error_detail, o.discarded, o.discard_reason, e.body
            FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence;

        -- Tries that failed, while their entry is kept.
        CREATE TABLE failures (
            sequence INTEGER NOT NULL,
            at INTEGER NOT NULL,
            code TEXT NOT NULL,
            detail TEXT NOT NULL
        );
        CREATE INDEX failures_by_entry ON failures (sequence);

        -- Copies that were answered as duplicates, as long as entries are kept.
        CREATE TABLE suppressed (
            sequence INTEGER NOT NULL,      -- of the fact that was known already
            received INTEGER NOT NULL,
            secret INTEGER
        );
        CREATE INDEX suppressed_by_fact ON suppressed (sequence);

        -- Dead entries that were given up; outlives the entries, so that what was accepted can always be accounted for.
        CREATE TABLE discards (
            sequence INTEGER PRIMARY KEY,
            fact BLOB NOT NULL,
            at INTEGER NOT NULL,
            reason TEXT NOT NULL
        );

        -- Who had what published once more, and how far that has come.
        CREATE TABLE replays (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            requested_by TEXT NOT NULL,
            created INTEGER NOT NULL,
            filter TEXT NOT NULL,           -- JSON
            rate INTEGER NOT NULL CHECK (rate > 0),
            upto INTEGER NOT NULL,          -- the last sequence there was at its creation
            total INTEGER NOT NULL,
            gone INTEGER NOT NULL,          -- matching facts whose entries were pruned
            position INTEGER NOT NULL DEFAULT 0,
            done INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            started INTEGER,
            finished INTEGER
        );
        CREATE INDEX replays_open ON replays (number) WHERE finished IS NULL;

        -- Entries that a replay has published again, while they are kept: a replay that goes on after a crash leaves them out.
        CREATE TABLE replayed (
            sequence INTEGER NOT NULL,
            replay BLOB NOT NULL,
            at INTEGER NOT NULL,
            partition INTEGER,
            "offset" INTEGER,
            error_code TEXT,
            error_detail TEXT,
            PRIMARY KEY (sequence, replay),
            CHECK (("offset" IS NULL) = (error_code IS NOT NULL))
        ) WITHOUT ROWID;
        """,
        """
        -- The clock by which rows age, in milliseconds since 1970: it goes on with time that has really passed. One row, written once a
        -- minute and at closing; none in a file that no relay of this version has opened yet.
        CREATE TABLE ageing (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            reading INTEGER NOT NULL,
            wall INTEGER NOT NULL,          -- what the machine's clock read then
            boot TEXT,                      -- names the machine's start; NULL where it is not known
            elapsed INTEGER NOT NULL        -- milliseconds since that start
        );
        -- Readings of that clock: at acceptance, when an entry was settled or given up last, and when a replay was ordered.
        -- NULL in rows from before it.
        ALTER TABLE facts ADD COLUMN aged INTEGER;
        ALTER TABLE outcomes ADD COLUMN aged INTEGER;
        ALTER TABLE replays ADD COLUMN aged INTEGER;
        """,
        routes,
        repeats,
        resent,
    ]
}
