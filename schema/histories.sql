-- What judging the next version of a document needs to know of the versions before, so that they are not all followed again.
-- It is a cache: made of the log and of the texts, never migrated, and nothing that is recorded depends on it. It has no
-- words in it. A row that is missing, damaged, of another log or made otherwise is not used, and written anew.

CREATE TABLE history (
    stream      BLOB PRIMARY KEY,  -- the document's
    cursor      INTEGER NOT NULL,  -- how many events of the log it knows
    root        BLOB NOT NULL,     -- the root of the log's tree at that size
    maker       BLOB NOT NULL,     -- a digest of what made it: its format, the detector, the classifier
    versions    INTEGER NOT NULL,  -- how many versions of the document it knows
    is_complete INTEGER NOT NULL,  -- whether no look can change what is said of them
    size_bytes  INTEGER NOT NULL,  -- of the state, uncompressed
    state       BLOB NOT NULL,     -- a zstd frame
    digest      BLOB NOT NULL      -- over this row
) STRICT;
