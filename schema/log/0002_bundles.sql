-- Sealed events: of every 256 events that fill a tile of leaf hashes, the leaves move into one bundle.

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

DROP TRIGGER event_is_never_deleted;

CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
WHEN OLD.seq / 256 NOT IN (SELECT position FROM bundle)
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

DROP TRIGGER event_takes_the_next_seq;

CREATE TRIGGER event_takes_the_next_seq BEFORE INSERT ON event
WHEN NEW.seq IS NOT max(
    (SELECT coalesce(max(seq) + 1, 0) FROM event),
    (SELECT coalesce(max(position) + 1, 0) * 256 FROM bundle))
BEGIN SELECT RAISE(ABORT, 'an event takes the next seq'); END;
