-- The search index: which words the clauses of all versions have, and in which versions they stand. It is made of the log
-- and of the texts, and never migrated: deleted and built again. It has words in it, so that withholding deletes it.
-- What an answer quotes is read in the archive and must have the reading that is named here.

CREATE TABLE state (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    cursor    INTEGER NOT NULL,  -- how many events have been taken up
    root      BLOB NOT NULL,     -- the root of the log's tree at that size
    wordings  INTEGER NOT NULL,  -- how many rows wording has
    digest    BLOB NOT NULL      -- over this row
) STRICT;

-- The newest version of each document that was taken up.
CREATE TABLE document (
    document    INTEGER PRIMARY KEY,  -- its number, as in the views
    newest_seq  INTEGER NOT NULL      -- the event of the version
) STRICT;

-- Each reading that a clause ever had, in whatever document.
CREATE TABLE wording (
    reading  BLOB PRIMARY KEY,  -- the first 16 bytes of its BLAKE3
    wording  INTEGER NOT NULL   -- its number in the order of the log, from 1: the row of `words`
) STRICT, WITHOUT ROWID;

-- Its words, folded, one gap between two; the text itself is not stored.
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', tokenize = 'ascii', columnsize = 0
);

-- In which versions of which documents a wording stands. Both blobs hold unsigned LEB128 numbers.
CREATE TABLE place (
    wording   INTEGER NOT NULL,
    document  INTEGER NOT NULL,
    runs      BLOB NOT NULL,  -- for each row of versions in which it stands: events from the last of the row before (or
                              -- from event 0) to the first, and from that to the last plus 1, or 0 if it stands still
    spans     BLOB NOT NULL,  -- in the text of the first version of the last row: start and length of the clause, then of
                              -- the headings above it, from the highest
    digest    BLOB NOT NULL,  -- the first 4 bytes of one over this row
    PRIMARY KEY (wording, document)
) STRICT, WITHOUT ROWID;
