ALTER TABLE staff ADD COLUMN disable_ms BIGINT;            -- set: has left
ALTER TABLE staff ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE staff ADD COLUMN totp_sealed BYTEA;              -- under a key that is in no database
ALTER TABLE staff ADD COLUMN totp_last_step BIGINT NOT NULL DEFAULT 0;

-- Sessions so far began with one factor: they end.
DELETE FROM session;
ALTER TABLE session DROP COLUMN assurance;
ALTER TABLE session ADD COLUMN method BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN proven_ms BIGINT NOT NULL DEFAULT 0;

CREATE TABLE recovery_code (
  staff_id TEXT NOT NULL REFERENCES staff (id),
  code_sha256 BYTEA NOT NULL,          -- gone when used
  PRIMARY KEY (staff_id, code_sha256)
);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  code_sha256 BYTEA NOT NULL UNIQUE,   -- the code itself never reaches the hub before it is used
  agency_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  roles BIGINT NOT NULL,
  inviter_staff_id TEXT NOT NULL,     -- empty: the first set-up
  first_only BIGINT NOT NULL,        -- 1: good only while the agency has nobody
  create_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL
);
CREATE INDEX invitation_by_agency ON invitation (agency_id, id);
CREATE INDEX invitation_by_inviter ON invitation (inviter_staff_id);
CREATE INDEX invitation_by_expiry ON invitation (expire_ms);

-- Of the last change that was heard of: what comes late undoes nothing.
ALTER TABLE agency ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
