CREATE TABLE passkey (
  id TEXT PRIMARY KEY,
  staff_id TEXT NOT NULL REFERENCES staff (id),
  credential_id BYTEA NOT NULL UNIQUE, -- the authenticator's name for it
  user_handle BYTEA NOT NULL,          -- random: the authenticator's name for the person
  algorithm BIGINT NOT NULL,         -- COSE number
  public_key BYTEA NOT NULL,
  counter BIGINT NOT NULL,
  aaguid BYTEA NOT NULL,
  backed_up BIGINT NOT NULL,
  create_ms BIGINT NOT NULL,
  last_use_ms BIGINT NOT NULL,       -- 0: never
  stop_ms BIGINT NOT NULL            -- not 0: its counter went back
);
CREATE INDEX passkey_by_staff ON passkey (staff_id, id);

CREATE TABLE passkey_challenge (
  challenge BYTEA PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,     -- in the order of making: the oldest give way
  purpose BIGINT NOT NULL,
  subject_id TEXT NOT NULL,           -- a person or an invitation; empty to sign in
  user_handle BYTEA NOT NULL,
  expire_ms BIGINT NOT NULL
);
