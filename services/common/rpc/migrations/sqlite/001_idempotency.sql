-- The first answer to each request_id, for 24 hours. Rows are appended in time order (id), so that
-- the oldest are found, and deleted, at one end of the table without an index on time.
CREATE TABLE idempotency (
  id INTEGER PRIMARY KEY,
  agency_id TEXT NOT NULL,      -- of the caller; empty: nobody was signed in
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  request_hash BLOB NOT NULL,   -- SHA-256 of who asked and the request without its secrets
  response BLOB NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
-- request_id first: most callers make them in time order, which keeps inserts on one page.
CREATE UNIQUE INDEX idempotency_request ON idempotency (request_id, method, agency_id);
