-- What two agencies write each other. Of what it says only ciphertext, and each agency's share of
-- its key; in clear: who, when, in which order, how far each has read.
CREATE TABLE thread (
  id TEXT PRIMARY KEY,
  starter_agency_id TEXT NOT NULL,
  other_agency_id TEXT NOT NULL,
  create_ms BIGINT NOT NULL,
  last_ms BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL
);
CREATE INDEX thread_by_time ON thread (last_ms);
CREATE TABLE thread_party (
  thread_id TEXT NOT NULL REFERENCES thread (id),
  agency_id TEXT NOT NULL,
  last_ms BIGINT NOT NULL,
  delivered_sequence BIGINT NOT NULL,
  read_sequence BIGINT NOT NULL,
  unread BIGINT NOT NULL,
  PRIMARY KEY (thread_id, agency_id)
);
CREATE INDEX thread_party_by_time ON thread_party (agency_id, last_ms, thread_id);

CREATE TABLE message (
  id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES thread (id),
  sequence BIGINT NOT NULL,
  from_agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  create_ms BIGINT NOT NULL,
  edit_ms BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL,
  protected TEXT NOT NULL,
  iv BYTEA NOT NULL,
  ciphertext BYTEA NOT NULL,
  tag BYTEA NOT NULL,
  shares TEXT NOT NULL
);
CREATE UNIQUE INDEX message_by_place ON message (thread_id, sequence);
CREATE INDEX message_by_expiry ON message (expire_ms);

-- What was taken back or replaced by hand, below that revision: a backup must not bring it back.
CREATE TABLE erased (
  id TEXT PRIMARY KEY,
  revision BIGINT NOT NULL,
  erase_ms BIGINT NOT NULL
);
CREATE INDEX erased_by_time ON erased (erase_ms);

-- How much of what an agency has done on a day (since the Unix epoch, UTC).
CREATE TABLE spent (
  agency_id TEXT NOT NULL,
  what TEXT NOT NULL,
  day BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (agency_id, what, day)
);
CREATE INDEX spent_by_day ON spent (day);

-- Copies kept current by the events of directory and identity.
CREATE TABLE agency (
  id TEXT PRIMARY KEY,
  membership TEXT NOT NULL,
  kind TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE agency_key (
  agency_id TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  epoch_kid TEXT NOT NULL,
  signing_kid TEXT NOT NULL,
  PRIMARY KEY (agency_id, epoch)
);
