-- What the two agencies of a hand-off write each other: who, which kind and what stands of it in clear;
-- what it says sealed, its shares wrapped under custody keys. Without recipients it has been destroyed.
CREATE TABLE sealed_note (
  id TEXT PRIMARY KEY,
  referral_id TEXT NOT NULL REFERENCES referral (id),
  offer_id TEXT NOT NULL,
  kind INTEGER NOT NULL,
  from_agency_id TEXT NOT NULL,
  to_agency_id TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  about_note_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  reason_code TEXT NOT NULL,
  decide_ms INTEGER NOT NULL,
  decide_agency_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  release_id TEXT NOT NULL,
  release_hash TEXT NOT NULL,
  purpose TEXT NOT NULL,
  categories TEXT NOT NULL,
  protected TEXT NOT NULL,
  iv BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  tag BLOB NOT NULL,
  recipients TEXT NOT NULL
) STRICT;
CREATE INDEX sealed_note_by_referral ON sealed_note (referral_id, create_ms, id);
