-- Where each consumer is in each stream. Moved in the transaction of the effect.
CREATE TABLE inbox (
  consumer TEXT NOT NULL,
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,             -- the last event applied
  attempts INTEGER NOT NULL DEFAULT 0,   -- failures of the event after it
  PRIMARY KEY (consumer, stream)
) STRICT, WITHOUT ROWID;

-- Events that were given up on, for a person to look at. Ids and states only, as all events.
CREATE TABLE dead_letter (
  consumer TEXT NOT NULL,
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  envelope BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (consumer, stream, sequence)
) STRICT;
