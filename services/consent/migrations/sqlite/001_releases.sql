-- Releases, custody keys (in the attached database, with secure deletion) and the disclosure log.
CREATE TABLE release (
  id TEXT PRIMARY KEY,
  form_version TEXT NOT NULL,
  form_hash TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,
  case_handle TEXT NOT NULL,
  discloser_agency_id TEXT NOT NULL,
  recipient_agency_ids TEXT NOT NULL,
  hub_named_as_intermediary INTEGER NOT NULL,
  categories TEXT NOT NULL,
  excluded_categories TEXT NOT NULL,
  purposes TEXT NOT NULL,
  action INTEGER NOT NULL,
  two_way INTEGER NOT NULL,
  effective_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL CHECK (expire_ms > effective_ms),
  signature TEXT NOT NULL,
  statements INTEGER NOT NULL,
  state INTEGER NOT NULL,
  create_ms INTEGER NOT NULL,
  sign_ms INTEGER NOT NULL,
  revoke_ms INTEGER NOT NULL,
  release_hash TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX release_by_discloser ON release (discloser_agency_id, id);
CREATE INDEX release_due ON release (expire_ms) WHERE state = 2;

CREATE TABLE disclosure (
  id TEXT PRIMARY KEY,
  release_id TEXT NOT NULL REFERENCES release (id),
  case_handle TEXT NOT NULL,
  discloser_agency_id TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  recipient_agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  categories TEXT NOT NULL,
  purpose TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('sent', 'opened')),
  time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX disclosure_by_release ON disclosure (release_id, id);
CREATE INDEX disclosure_by_discloser ON disclosure (discloser_agency_id, id);
CREATE TRIGGER disclosure_is_append_only BEFORE UPDATE ON disclosure
BEGIN SELECT RAISE(ABORT, 'the disclosure log is append-only'); END;
CREATE TRIGGER disclosure_is_kept BEFORE DELETE ON disclosure
BEGIN SELECT RAISE(ABORT, 'the disclosure log is append-only'); END;

CREATE TABLE custody.custody_key (
  referral_id TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  release_id TEXT NOT NULL,
  key BLOB NOT NULL CHECK (length(key) = 32),
  create_ms INTEGER NOT NULL,
  PRIMARY KEY (referral_id, agency_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX custody.custody_key_by_release ON custody_key (release_id, referral_id);
