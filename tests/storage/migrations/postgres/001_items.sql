-- What the conformance suite needs: keys, checks, a foreign key, every kind of value.
CREATE TABLE item (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL CHECK (number >= 0),
  words TEXT,
  bytes BYTEA
);
CREATE TABLE part (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES item (id)
);
CREATE TABLE late_part (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED
);
