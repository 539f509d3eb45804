extension Schema {
    /// Version 4: events without an identity of their own come again.
    static let repeats = """
        -- Of events whose bytes came again as news: the newest of the facts with one name. It is forgotten with that fact.
        CREATE TABLE repeats (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),   -- of the first of them
            sequence INTEGER NOT NULL,                              -- the newest
            number INTEGER NOT NULL CHECK (number > 1)              -- which one that is, counted from 1
        ) WITHOUT ROWID;
        CREATE INDEX repeats_by_fact ON repeats (sequence);
        """
}
