-- The blobs: contents named by the BLAKE3 of their uncompressed bytes.

CREATE TABLE blob (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    document    BLOB CHECK (length(document) = 16),  -- the stream of the document that it belongs to, if to one
    size_bytes  INTEGER NOT NULL CHECK (size_bytes >= 0),  -- of the content, uncompressed
    frame       BLOB NOT NULL                        -- a zstd frame
) STRICT;
