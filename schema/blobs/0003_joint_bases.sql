-- The bases of a blob that has several, and so none in its own row: the frame's prefix is their contents one after another.
CREATE TABLE joint_base (
    blob   INTEGER NOT NULL REFERENCES blob ON DELETE CASCADE,
    place  INTEGER NOT NULL CHECK (place >= 0),
    base   INTEGER NOT NULL REFERENCES blob CHECK (base < blob),
    PRIMARY KEY (blob, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX joint_base_of ON joint_base (base);
