-- The blobs: contents named by the BLAKE3 of their uncompressed bytes, each compressed against an earlier one like it.

-- Contents that resemble each other: those of one document.
CREATE TABLE series (
    series  INTEGER PRIMARY KEY,
    stream  BLOB NOT NULL UNIQUE CHECK (length(stream) = 16)  -- of the document
) STRICT;

CREATE TABLE blob (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    series      INTEGER REFERENCES series,
    size_bytes  INTEGER NOT NULL CHECK (size_bytes >= 0),       -- of the content, uncompressed
    base        INTEGER REFERENCES blob CHECK (base < id),      -- the blob whose content is the frame's prefix
    tier        INTEGER NOT NULL CHECK (tier BETWEEN 0 AND 255),  -- how far its base may lie back: see src/store/base.rs
    steps       INTEGER NOT NULL CHECK (steps >= 0),            -- how many of its tier lead to it without one of a higher tier
    level       INTEGER NOT NULL,                               -- the highest zstd level that was tried
    frame       BLOB NOT NULL                                   -- a zstd frame
) STRICT;

CREATE INDEX blob_of_series ON blob (series);

-- The bases of a blob that has several, and so none in its own row: the frame's prefix is their contents one after another.
CREATE TABLE joint_base (
    blob   INTEGER NOT NULL REFERENCES blob ON DELETE CASCADE,
    place  INTEGER NOT NULL CHECK (place >= 0),
    base   INTEGER NOT NULL REFERENCES blob CHECK (base < blob),
    PRIMARY KEY (blob, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX joint_base_of ON joint_base (base);
