-- The whole schema of log.sqlite, as the numbered migrations in log/ leave it; a test holds the two equal.

-- The event log. Events are only ever added, each at the next seq; what looks up an event is computed from its bytes.
-- The table has the newest, fewer than 256 when a transaction ends; the others are in bundles.

CREATE TABLE log (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    origin      TEXT NOT NULL,     -- the name of the log in its checkpoints
    created_at  INTEGER NOT NULL   -- µs since the Unix epoch
) STRICT;

CREATE TABLE event (
    seq         INTEGER PRIMARY KEY CHECK (seq >= 0),
    leaf        BLOB NOT NULL CHECK (length(leaf) BETWEEN 114 AND 65535),  -- the envelope, to the byte
    event_id    BLOB NOT NULL GENERATED ALWAYS AS (substr(leaf, 77, 16)) VIRTUAL,
    stream      BLOB NOT NULL GENERATED ALWAYS AS (substr(leaf, 53, 16)) VIRTUAL,
    stream_seq  BLOB NOT NULL GENERATED ALWAYS AS (substr(leaf, 69, 8)) VIRTUAL,  -- u64, big-endian
    UNIQUE (event_id),
    UNIQUE (stream, stream_seq)
) STRICT;

CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;

CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
WHEN OLD.seq / 256 NOT IN (SELECT position FROM bundle)
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

CREATE TRIGGER event_takes_the_next_seq BEFORE INSERT ON event
WHEN NEW.seq IS NOT max(
    (SELECT coalesce(max(seq) + 1, 0) FROM event),
    (SELECT coalesce(max(position) + 1, 0) * 256 FROM bundle))
BEGIN SELECT RAISE(ABORT, 'an event takes the next seq'); END;

-- Every 256 events that fill a tile of leaf hashes are sealed: their leaves move into one bundle.
CREATE TABLE bundle (
    position    INTEGER PRIMARY KEY CHECK (position >= 0),  -- its events have the seqs from 256 × position on
    recorded_at INTEGER NOT NULL,   -- when the log took the first of them, µs since the Unix epoch
    look_ups    INTEGER NOT NULL,   -- what it adds to the sum over the two tables below
    size_bytes  INTEGER NOT NULL CHECK (size_bytes BETWEEN 29696 AND 16777472),  -- of the leaves with their lengths
    frame       BLOB NOT NULL       -- a zstd frame of a C2SP tlog-tiles entry bundle: of each leaf its length, u16, and it
) STRICT;

-- Where sealed events may be: by the first 4 bytes of an id as i32, which the leaf in the bundle has to confirm.
CREATE TABLE sealed_event (
    event_id    INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (event_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed_stream (
    stream      INTEGER NOT NULL,
    position    INTEGER NOT NULL,   -- of a bundle that holds events of the stream
    PRIMARY KEY (stream, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER bundle_never_changes BEFORE UPDATE ON bundle
BEGIN SELECT RAISE(ABORT, 'a bundle never changes'); END;

CREATE TRIGGER bundle_is_never_deleted BEFORE DELETE ON bundle
BEGIN SELECT RAISE(ABORT, 'a bundle is never deleted'); END;

CREATE TRIGGER bundle_takes_the_oldest_events BEFORE INSERT ON bundle
WHEN NEW.position IS NOT (SELECT coalesce(max(position) + 1, 0) FROM bundle)
    OR (SELECT count(*) FROM event WHERE seq BETWEEN NEW.position * 256 AND NEW.position * 256 + 255) <> 256
BEGIN SELECT RAISE(ABORT, 'a bundle takes the oldest 256 events'); END;

-- The hashes of the log's tree as C2SP tlog-tiles: level 0 holds leaf hashes, a tile at most 256 of them.
-- That of a bundle follows from its leaves and has no row.
CREATE TABLE tile (
    level       INTEGER NOT NULL CHECK (level BETWEEN 0 AND 7),
    position    INTEGER NOT NULL CHECK (position >= 0),
    hashes      BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, position)
) STRICT;

-- The signed heads of the tree (C2SP tlog-checkpoint in a signed note), one for each batch of events.
CREATE TABLE checkpoint (
    size        INTEGER PRIMARY KEY CHECK (size >= 0),
    note        TEXT NOT NULL
) STRICT;

CREATE TRIGGER checkpoint_never_changes BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint never changes'); END;

CREATE TRIGGER checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;

CREATE TRIGGER checkpoint_grows BEFORE INSERT ON checkpoint
WHEN NEW.size <= (SELECT max(size) FROM checkpoint)
BEGIN SELECT RAISE(ABORT, 'a checkpoint is larger than the one before'); END;
