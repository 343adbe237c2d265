-- What belongs to a packet and is too large for it: ciphertext, in chunks of one size. An id counts
-- within its referral only. have_count: how many chunks have come.
CREATE TABLE attachment (
  referral_id TEXT NOT NULL REFERENCES referral (id),
  id TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  chunk_count INTEGER NOT NULL,
  have_count INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  PRIMARY KEY (referral_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_unfinished ON attachment (start_ms) WHERE have_count < chunk_count;
-- How much an agency has here.
CREATE INDEX attachment_by_agency ON attachment (agency_id, have_count);
CREATE TABLE attachment_chunk (
  referral_id TEXT NOT NULL,
  attachment_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (referral_id, attachment_id, number)
) STRICT;
-- Who has read of it: a line in the story for each person, once.
CREATE TABLE attachment_reader (
  referral_id TEXT NOT NULL,
  attachment_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  PRIMARY KEY (referral_id, attachment_id, staff_id)
) STRICT, WITHOUT ROWID;
