-- A share that was sealed anew has a new custody key: the next generation. custody_key has those of
-- generation 0, as they were issued. IF NOT EXISTS in custody: the main database may be put back from a
-- backup, and custody is not.
CREATE TABLE IF NOT EXISTS custody.renewed_key (
  referral_id TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  generation BIGINT NOT NULL CHECK (generation > 0),
  release_id TEXT NOT NULL,
  key BYTEA NOT NULL CHECK (length(key) = 32),
  create_ms BIGINT NOT NULL,
  PRIMARY KEY (referral_id, agency_id, generation)
);
CREATE INDEX IF NOT EXISTS renewed_key_by_release ON custody.renewed_key (release_id, referral_id);
