-- Where each consumer is in each stream. Moved in the transaction of the effect.
CREATE TABLE inbox (
  consumer text NOT NULL,
  stream text NOT NULL,
  sequence bigint NOT NULL,             -- the last event applied
  attempts bigint NOT NULL DEFAULT 0,   -- failures of the event after it
  PRIMARY KEY (consumer, stream)
);

-- Events that were given up on, for a person to look at. Ids and states only, as all events.
CREATE TABLE dead_letter (
  consumer text NOT NULL,
  stream text NOT NULL,
  sequence bigint NOT NULL,
  reason text NOT NULL,
  envelope bytea NOT NULL,
  created_ms bigint NOT NULL,
  PRIMARY KEY (consumer, stream, sequence)
);
