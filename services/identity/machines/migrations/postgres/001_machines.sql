-- Rows stay when a client is disabled: its key is never taken again, and the trail names it.
CREATE TABLE machine_client (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL,
  label TEXT NOT NULL,
  signing_jwk TEXT NOT NULL,       -- empty: it does not sign
  key_id TEXT UNIQUE,              -- thumbprint of signing_jwk
  certificate_sha256 TEXT UNIQUE,  -- base64url
  creator_staff_id TEXT NOT NULL,
  create_ms BIGINT NOT NULL,
  disable_ms BIGINT NOT NULL      -- 0: may call
);
CREATE INDEX machine_client_by_agency ON machine_client (agency_id, id);

-- Signatures that were used, for as long as they could be used again.
CREATE TABLE machine_nonce (
  machine_client_id TEXT NOT NULL REFERENCES machine_client (id),
  nonce TEXT NOT NULL,
  expire_ms BIGINT NOT NULL,
  PRIMARY KEY (machine_client_id, nonce)
);
CREATE INDEX machine_nonce_by_expiry ON machine_nonce (expire_ms);
