-- Imports that come in parts (domain/staged_import.h has what the columns mean).
CREATE TABLE staged_import (
  id TEXT COLLATE "C" PRIMARY KEY,
  agency_id TEXT COLLATE "C" NOT NULL,
  state BIGINT NOT NULL,
  is_json BIGINT NOT NULL,
  need_codes TEXT NOT NULL,         -- a line each
  counties TEXT NOT NULL,           -- a line each
  time_zone TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  expire_ms BIGINT NOT NULL,
  staged_bytes BIGINT NOT NULL,
  run_id TEXT NOT NULL,
  touch_ms BIGINT NOT NULL,
  is_preview BIGINT NOT NULL,
  percent BIGINT NOT NULL,
  previewed BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  problems TEXT NOT NULL,           -- JSON
  failure_reason TEXT NOT NULL,
  actor_agency_id TEXT NOT NULL,
  actor_is_machine BIGINT NOT NULL,
  actor_is_admin BIGINT NOT NULL,
  traceparent TEXT NOT NULL,
  hides_places BIGINT NOT NULL,
  change_count BIGINT NOT NULL
);
CREATE INDEX staged_import_by_agency ON staged_import (agency_id);

-- Sealed (AES-256-GCM) under a key that nobody but the sender keeps: what is confidential never
-- stands here in the open, and what is left over can be read by nobody.
CREATE TABLE staged_import_part (
  import_id TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (import_id, number)
);

-- What has been decided and not yet been written to its place, in order: JSON of
-- domain/decided_change.h, without anything that must not be kept.
CREATE TABLE staged_import_change (
  import_id TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  changes TEXT NOT NULL,
  PRIMARY KEY (import_id, number)
);
