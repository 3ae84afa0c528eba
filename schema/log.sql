-- The whole schema of log.sqlite, as the numbered migrations in log/ leave it; a test holds the two equal.

-- The event log. Events are only ever added, each at the next seq; what looks up an event is computed from its bytes.

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
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

CREATE TRIGGER event_takes_the_next_seq BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM event)
BEGIN SELECT RAISE(ABORT, 'an event takes the next seq'); END;

-- The hashes of the log's tree as C2SP tlog-tiles: level 0 holds leaf hashes, a tile at most 256 of them.
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
