-- Whom a listing serves: one line (domain/eligibility.h, ToText).
ALTER TABLE listing ADD COLUMN eligibility TEXT NOT NULL DEFAULT '';

-- The matching index follows by this number: it grows with each transaction that changes listings,
-- and a listing bears that of its last one. Listings of before bear 0.
ALTER TABLE listing ADD COLUMN change_number INTEGER NOT NULL DEFAULT 0;
CREATE INDEX listing_by_change ON listing (change_number, id);
CREATE TABLE listing_change (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  last_number INTEGER NOT NULL
) STRICT;
INSERT INTO listing_change (only_row, last_number) VALUES (1, 0);

-- Searches that found nobody: how many, and nothing else.
CREATE TABLE unmet_need (
  month TEXT NOT NULL,  -- "2026-11", UTC
  need_code TEXT NOT NULL,
  county TEXT NOT NULL,  -- empty: none was given
  reason TEXT NOT NULL,
  unmet_count INTEGER NOT NULL,
  PRIMARY KEY (month, need_code, county, reason)
) STRICT, WITHOUT ROWID;
