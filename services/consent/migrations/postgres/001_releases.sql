-- Releases, custody keys (in the attached database, with secure deletion) and the disclosure log.
CREATE TABLE release (
  id TEXT PRIMARY KEY,
  form_version TEXT NOT NULL,
  form_hash TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,
  case_handle TEXT NOT NULL,
  discloser_agency_id TEXT NOT NULL,
  recipient_agency_ids TEXT NOT NULL,
  hub_named_as_intermediary BIGINT NOT NULL,
  categories TEXT NOT NULL,
  excluded_categories TEXT NOT NULL,
  purposes TEXT NOT NULL,
  action BIGINT NOT NULL,
  two_way BIGINT NOT NULL,
  effective_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL CHECK (expire_ms > effective_ms),
  signature TEXT NOT NULL,
  statements BIGINT NOT NULL,
  state BIGINT NOT NULL,
  create_ms BIGINT NOT NULL,
  sign_ms BIGINT NOT NULL,
  revoke_ms BIGINT NOT NULL,
  release_hash TEXT NOT NULL,
  version BIGINT NOT NULL
);
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
  time_ms BIGINT NOT NULL
);
CREATE INDEX disclosure_by_release ON disclosure (release_id, id);
CREATE INDEX disclosure_by_discloser ON disclosure (discloser_agency_id, id);

CREATE TABLE custody.custody_key (
  referral_id TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  release_id TEXT NOT NULL,
  key BYTEA NOT NULL CHECK (length(key) = 32),
  create_ms BIGINT NOT NULL,
  PRIMARY KEY (referral_id, agency_id)
);
CREATE INDEX custody_key_by_release ON custody.custody_key (release_id, referral_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the disclosure log is append-only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER disclosure_is_append_only BEFORE UPDATE OR DELETE ON disclosure
FOR EACH ROW EXECUTE FUNCTION refuse_change();
