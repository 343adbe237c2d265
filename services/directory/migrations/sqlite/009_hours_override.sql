-- What an agency says of single days, and which holidays it keeps, beside what it imports: an
-- import leaves both. Lines of services/common/calendar/hours.h (SpecialDay), and codes of sets.
ALTER TABLE listing ADD COLUMN special_days TEXT NOT NULL DEFAULT '';
ALTER TABLE listing ADD COLUMN holiday_sets TEXT NOT NULL DEFAULT '';
CREATE INDEX listing_that_keeps ON listing (id) WHERE holiday_sets <> '';

-- Lists of the coalition's own; "us_federal" is reckoned and stands nowhere.
CREATE TABLE holiday_set (
  code TEXT PRIMARY KEY,
  dates TEXT NOT NULL,             -- "2026-12-24", sorted, a line each
  change_number INTEGER NOT NULL   -- of the listings that were told (listing_change)
) STRICT, WITHOUT ROWID;
