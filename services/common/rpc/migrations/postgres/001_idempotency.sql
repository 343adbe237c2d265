-- The first answer to each request_id, for 24 hours. Rows are numbered as they come (id), so that
-- the oldest are found, and deleted, at one end of the table without an index on time.
CREATE TABLE idempotency (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agency_id TEXT NOT NULL,      -- of the caller; empty: nobody was signed in
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  request_hash BYTEA NOT NULL,  -- SHA-256 of who asked and the request without its secrets
  response BYTEA NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX idempotency_request ON idempotency (request_id, method, agency_id);
