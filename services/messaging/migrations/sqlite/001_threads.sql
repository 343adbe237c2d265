-- What two agencies write each other. Of what it says only ciphertext, and each agency's share of
-- its key; in clear: who, when, in which order, how far each has read.
CREATE TABLE thread (
  id TEXT PRIMARY KEY,
  starter_agency_id TEXT NOT NULL,
  other_agency_id TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_by_time ON thread (last_ms);
CREATE TABLE thread_party (
  thread_id TEXT NOT NULL REFERENCES thread (id),
  agency_id TEXT NOT NULL,
  last_ms INTEGER NOT NULL,
  delivered_sequence INTEGER NOT NULL,
  read_sequence INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  PRIMARY KEY (thread_id, agency_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_party_by_time ON thread_party (agency_id, last_ms, thread_id);

CREATE TABLE message (
  id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES thread (id),
  sequence INTEGER NOT NULL,
  from_agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  edit_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  protected TEXT NOT NULL,
  iv BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  tag BLOB NOT NULL,
  shares TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_by_place ON message (thread_id, sequence);
CREATE INDEX message_by_expiry ON message (expire_ms);

-- What was taken back or replaced by hand, below that revision: a backup must not bring it back.
CREATE TABLE erased (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  erase_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_by_time ON erased (erase_ms);

-- How much of what an agency has done on a day (since the Unix epoch, UTC).
CREATE TABLE spent (
  agency_id TEXT NOT NULL,
  what TEXT NOT NULL,
  day INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (agency_id, what, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_by_day ON spent (day);

-- Copies kept current by the events of directory and identity.
CREATE TABLE agency (
  id TEXT PRIMARY KEY,
  membership TEXT NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE agency_key (
  agency_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  epoch_kid TEXT NOT NULL,
  signing_kid TEXT NOT NULL,
  PRIMARY KEY (agency_id, epoch)
) STRICT, WITHOUT ROWID;
