-- What the conformance suite needs: keys, checks, a foreign key, every kind of value.
CREATE TABLE item (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL CHECK (number >= 0),
  words TEXT,
  bytes BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE part (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES item (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE late_part (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
