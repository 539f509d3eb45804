extension Schema {
    /// Version 3: entries may get another topic before Kafka has them, and be given up while they wait.
    static let routes = """
        -- Topics that entries had before the one they have now, while they are kept.
        CREATE TABLE rerouted (
            sequence INTEGER NOT NULL,
            at INTEGER NOT NULL,
            topic TEXT NOT NULL,            -- the one before
            PRIMARY KEY (sequence, at, topic)
        ) WITHOUT ROWID;

        -- Whether it was given up while it waited for Kafka, and was not dead.
        ALTER TABLE discards ADD COLUMN waited INTEGER NOT NULL DEFAULT 0 CHECK (waited IN (0, 1));
        """
}
