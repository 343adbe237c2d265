CREATE TABLE passkey (
  id TEXT PRIMARY KEY,
  staff_id TEXT NOT NULL REFERENCES staff (id),
  credential_id BLOB NOT NULL UNIQUE, -- the authenticator's name for it
  user_handle BLOB NOT NULL,          -- random: the authenticator's name for the person
  algorithm INTEGER NOT NULL,         -- COSE number
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  aaguid BLOB NOT NULL,
  backed_up INTEGER NOT NULL,
  create_ms INTEGER NOT NULL,
  last_use_ms INTEGER NOT NULL,       -- 0: never
  stop_ms INTEGER NOT NULL            -- not 0: its counter went back
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_by_staff ON passkey (staff_id, id);

CREATE TABLE passkey_challenge (
  challenge BLOB PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,     -- in the order of making: the oldest give way
  purpose INTEGER NOT NULL,
  subject_id TEXT NOT NULL,           -- a person or an invitation; empty to sign in
  user_handle BLOB NOT NULL,
  expire_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
