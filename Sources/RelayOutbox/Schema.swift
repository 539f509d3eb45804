/// The tables, and the steps from one version of them to the next; a step that was released is never changed.
enum Schema {
    /// "ARLY": marks a file as ours (https://www.sqlite.org/pragma.html#pragma_application_id).
    static let applicationID: Int64 = 0x4152_4C59

    static var newest: Int64 { Int64(migrations.count) }

    /// Migration n makes version n + 1 of version n.
    static let migrations = [
        """
        -- Every fact the relay remembers; duplicates are found here. The key is an index of its own: ids are random, and a commit
        -- then touches the few dense pages of that index rather than as many scattered rows.
        CREATE TABLE facts (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            event TEXT,                     -- NULL: a delivery that nobody could read
            user TEXT,
            previous BLOB,                  -- the same user's fact before this one
            sequence INTEGER NOT NULL,      -- its entry, which may be pruned by now
            kind INTEGER CHECK (kind IN (0, 1)),
            members TEXT,                   -- accounts (kind 0) or items (kind 1), sorted, joined by commas
            change TEXT CHECK (change IN ('initial', 'grown', 'shrunk', 'replaced')),
            revision INTEGER CHECK (revision > 0),
            secret INTEGER,                 -- position of the secret that signed the first delivery
            first_seen INTEGER NOT NULL,    -- milliseconds since 1970
            duplicates INTEGER NOT NULL DEFAULT 0,
            CHECK ((change IS NULL) = (revision IS NULL))
        );

        -- What is known of each user: the last set of accounts and how many there were.
        CREATE TABLE users (
            user TEXT NOT NULL PRIMARY KEY,
            kind INTEGER CHECK (kind IN (0, 1)),
            members TEXT,                   -- NULL: none yet, or forgotten with its fact
            revision INTEGER NOT NULL CHECK (revision >= 0),
            last_fact BLOB NOT NULL
        );

        -- What waits for Kafka, is there, or cannot get there. AUTOINCREMENT: a pruned entry's number never comes back.
        CREATE TABLE entries (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            fact BLOB NOT NULL CHECK (length(fact) = 16),
            topic TEXT NOT NULL,
            user TEXT,
            event TEXT,                     -- NULL: a dead letter, whose body is the delivery
            subscription TEXT,
            source TEXT NOT NULL,
            received INTEGER NOT NULL,
            code TEXT,                      -- of a dead letter: why it could not be read
            detail TEXT,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'published', 'dead')),
            attempts INTEGER NOT NULL DEFAULT 0,
            settled INTEGER,
            partition INTEGER,
            "offset" INTEGER,
            error_code TEXT,
            error_detail TEXT,
            discarded INTEGER,              -- when a dead entry was given up by an operator
            discard_reason TEXT,
            body BLOB NOT NULL,
            CHECK ((state = 'pending') = (settled IS NULL)),
            CHECK ((state = 'published') = ("offset" IS NOT NULL)),
            CHECK (state <> 'dead' OR error_code IS NOT NULL),
            CHECK (discarded IS NULL OR state = 'dead'),
            CHECK ((discarded IS NULL) = (discard_reason IS NULL)),
            CHECK ((event IS NULL) = (code IS NOT NULL))
        );
        CREATE INDEX entries_pending ON entries (topic, sequence) WHERE state = 'pending';
        CREATE INDEX entries_dead ON entries (sequence) WHERE state = 'dead' AND discarded IS NULL;

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
            fact BLOB NOT NULL,
            received INTEGER NOT NULL,
            secret INTEGER
        );
        CREATE INDEX suppressed_by_fact ON suppressed (fact);

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
        """
    ]
}
