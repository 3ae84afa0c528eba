-- The views: what replaying the log gives, and nothing else. Never migrated: deleted and built again.
-- A digest finds damage to a row; the log alone proves what a row points to. Times are µs since the Unix epoch, UTC.

CREATE TABLE state (
    id                INTEGER PRIMARY KEY CHECK (id = 1),
    cursor            INTEGER NOT NULL,  -- how many events have been replayed
    root              BLOB NOT NULL,     -- the root of the log's tree at that size
    documents         INTEGER NOT NULL,  -- how many rows document has
    documents_digest  BLOB NOT NULL,     -- the sum of their digests
    withheld          INTEGER NOT NULL,  -- how many rows withheld has
    withheld_digest   BLOB NOT NULL,     -- the sum of their digests
    digest            BLOB NOT NULL      -- over this row
) STRICT;

CREATE TABLE document (
    document           INTEGER PRIMARY KEY,  -- number in the order of declaration, from 0
    stream             BLOB NOT NULL UNIQUE,
    platform           TEXT NOT NULL,
    document_type      TEXT NOT NULL,
    matching_key       TEXT NOT NULL,        -- the name as people may type it: without case and the like
    declared_seq       INTEGER NOT NULL,     -- the event that declared it
    declaration_seq    INTEGER,              -- the event that says how it is obtained
    versions           INTEGER NOT NULL,
    looks              INTEGER NOT NULL,
    first_observed_at  INTEGER,
    last_observed_at   INTEGER,
    last_retired_at    INTEGER,
    timeline_digest    BLOB NOT NULL,        -- over the rows of timeline, in the order of seq
    digest             BLOB NOT NULL         -- over this row
) STRICT;

CREATE INDEX document_by_name ON document (matching_key);

-- The blobs whose bytes were taken out of the archive.
CREATE TABLE withheld (
    seq     INTEGER PRIMARY KEY,  -- the event that says so
    blob    BLOB NOT NULL,
    digest  BLOB NOT NULL         -- over this row
) STRICT;

-- Every look at a document.
CREATE TABLE timeline (
    document     INTEGER NOT NULL,
    observed_at  INTEGER NOT NULL,
    seq          INTEGER NOT NULL,   -- the event that tells of the look
    look         INTEGER NOT NULL,   -- 0 version, 1 unchanged, 2 failed, 3 retired
    version_seq  INTEGER,            -- for an unchanged text, the event that recorded it
    PRIMARY KEY (document, observed_at, seq)
) STRICT, WITHOUT ROWID;

-- Every sight of a document's text, with the stretch of time for which it answers: from observed_at until
-- next_observed_at, or until today.
CREATE TABLE as_of (
    document          INTEGER NOT NULL,
    observed_at       INTEGER NOT NULL,
    seq               INTEGER NOT NULL,  -- the event that tells of the sight
    version_seq       INTEGER NOT NULL,  -- the event that recorded the text
    text              BLOB NOT NULL,     -- the first 16 bytes of the text's blob name
    first_seen        INTEGER NOT NULL,  -- the first of the unbroken row of sights of this text up to here
    next_observed_at  INTEGER,
    next_same_text    INTEGER,           -- whether the next sight shows the same text
    digest            BLOB NOT NULL,     -- over this row
    PRIMARY KEY (document, observed_at, seq)
) STRICT, WITHOUT ROWID;
