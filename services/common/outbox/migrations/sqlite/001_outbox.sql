-- Events in commit order: one writer, and AUTOINCREMENT rolls back with its transaction, so the
-- sequence has no holes and never gives a number twice.
CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  envelope BLOB NOT NULL   -- fairlead.events.v1.EventEnvelope without source and sequence
) STRICT;

-- How far each consumer group was when the relay last looked: what Redis may forget, and where to
-- begin again when it has forgotten everything.
CREATE TABLE outbox_group (
  name TEXT PRIMARY KEY,
  acknowledged INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
