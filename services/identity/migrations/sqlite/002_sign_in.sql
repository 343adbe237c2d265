ALTER TABLE staff ADD COLUMN disable_ms INTEGER;            -- set: has left
ALTER TABLE staff ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE staff ADD COLUMN totp_sealed BLOB;              -- under a key that is in no database
ALTER TABLE staff ADD COLUMN totp_last_step INTEGER NOT NULL DEFAULT 0;

-- Sessions so far began with one factor: they end.
DELETE FROM session;
ALTER TABLE session DROP COLUMN assurance;
ALTER TABLE session ADD COLUMN method INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN proven_ms INTEGER NOT NULL DEFAULT 0;

CREATE TABLE recovery_code (
  staff_id TEXT NOT NULL REFERENCES staff (id),
  code_sha256 BLOB NOT NULL,          -- gone when used
  PRIMARY KEY (staff_id, code_sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  code_sha256 BLOB NOT NULL UNIQUE,   -- the code itself never reaches the hub before it is used
  agency_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  roles INTEGER NOT NULL,
  inviter_staff_id TEXT NOT NULL,     -- empty: the first set-up
  first_only INTEGER NOT NULL,        -- 1: good only while the agency has nobody
  create_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_agency ON invitation (agency_id, id);
CREATE INDEX invitation_by_inviter ON invitation (inviter_staff_id);
CREATE INDEX invitation_by_expiry ON invitation (expire_ms);

-- Of the last change that was heard of: what comes late undoes nothing.
ALTER TABLE agency ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
