CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL,
  sign_in_name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  roles INTEGER NOT NULL,             -- one bit per role
  passphrase_hash TEXT NOT NULL,      -- Argon2id, libsodium's string form
  create_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_by_agency ON staff (agency_id, id);

CREATE TABLE session (
  token_sha256 BLOB PRIMARY KEY,      -- the token itself is never stored
  id TEXT NOT NULL UNIQUE,
  staff_id TEXT NOT NULL REFERENCES staff (id),
  create_ms INTEGER NOT NULL,
  last_used_ms INTEGER NOT NULL,
  assurance INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_staff ON session (staff_id, create_ms);
CREATE INDEX session_by_last_use ON session (last_used_ms);

CREATE TABLE sign_in_throttle (
  name_sha256 BLOB PRIMARY KEY,       -- of any name that was tried, known or not
  attempts INTEGER NOT NULL,
  strikes INTEGER NOT NULL,
  window_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_throttle_by_last ON sign_in_throttle (last_ms);

-- A copy of what directory says, kept by its events.
CREATE TABLE agency (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  membership TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agency_keys (
  agency_id TEXT NOT NULL,
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  epoch_jwk TEXT NOT NULL,
  signing_jwk TEXT NOT NULL,
  epoch_kid TEXT NOT NULL UNIQUE,
  signing_kid TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  PRIMARY KEY (agency_id, epoch)
) STRICT, WITHOUT ROWID;
CREATE INDEX agency_keys_by_signing_kid ON agency_keys (signing_kid, agency_id);

-- The first run: ids chosen once, so that a set-up that was cut short can be repeated.
CREATE TABLE set_up (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  agency_id TEXT NOT NULL,
  request_id TEXT NOT NULL
) STRICT;
