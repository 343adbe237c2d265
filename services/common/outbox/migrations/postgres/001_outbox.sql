-- Transactions commit in another order than they take positions: the relay numbers the rows it
-- can see, under an advisory lock, so that the sequence has no holes and only ever grows.
CREATE TABLE outbox (
  position bigserial PRIMARY KEY,
  sequence bigint,
  time_ms bigint NOT NULL,
  envelope bytea NOT NULL   -- fairlead.events.v1.EventEnvelope without source and sequence
);
CREATE UNIQUE INDEX outbox_sequence ON outbox (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX outbox_unnumbered ON outbox (position) WHERE sequence IS NULL;

CREATE TABLE outbox_counter (
  id int PRIMARY KEY CHECK (id = 1),
  last_sequence bigint NOT NULL
);
INSERT INTO outbox_counter (id, last_sequence) VALUES (1, 0);

-- How far each consumer group was when the relay last looked: what Redis may forget, and where to
-- begin again when it has forgotten everything.
CREATE TABLE outbox_group (
  name text PRIMARY KEY,
  acknowledged bigint NOT NULL,
  seen_ms bigint NOT NULL
);
