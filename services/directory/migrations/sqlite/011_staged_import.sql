-- Imports that come in parts (domain/staged_import.h has what the columns mean).
CREATE TABLE staged_import (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  is_json INTEGER NOT NULL,
  need_codes TEXT NOT NULL,         -- a line each
  counties TEXT NOT NULL,           -- a line each
  time_zone TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  expire_ms INTEGER NOT NULL,
  staged_bytes INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  touch_ms INTEGER NOT NULL,
  is_preview INTEGER NOT NULL,
  percent INTEGER NOT NULL,
  previewed INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  problems TEXT NOT NULL,           -- JSON
  failure_reason TEXT NOT NULL,
  actor_agency_id TEXT NOT NULL,
  actor_is_machine INTEGER NOT NULL,
  actor_is_admin INTEGER NOT NULL,
  traceparent TEXT NOT NULL,
  hides_places INTEGER NOT NULL,
  change_count INTEGER NOT NULL
) STRICT;
CREATE INDEX staged_import_by_agency ON staged_import (agency_id);

-- Sealed (AES-256-GCM) under a key that nobody but the sender keeps: what is confidential never
-- stands here in the open, and what is left over can be read by nobody.
CREATE TABLE staged_import_part (
  import_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (import_id, number)
) STRICT;

-- What has been decided and not yet been written to its place, in order: JSON of
-- domain/decided_change.h, without anything that must not be kept.
CREATE TABLE staged_import_change (
  import_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  changes TEXT NOT NULL,
  PRIMARY KEY (import_id, number)
) STRICT;
