-- Break-glass: an ended hand-off's packet opened once more, who asked, who approved, and the review.
CREATE TABLE break_glass (
  id TEXT PRIMARY KEY,
  referral_id TEXT NOT NULL,
  release_id TEXT NOT NULL REFERENCES release (id),
  agency_id TEXT NOT NULL,
  discloser_agency_id TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  request_ms INTEGER NOT NULL,
  request_staff_id TEXT NOT NULL,
  approve_ms INTEGER NOT NULL,
  approve_staff_id TEXT NOT NULL CHECK (approve_staff_id <> request_staff_id),
  opens INTEGER NOT NULL,
  overdue_ms INTEGER NOT NULL,
  review_ms INTEGER NOT NULL,
  review_agency_id TEXT NOT NULL CHECK (review_agency_id <> agency_id),
  review_staff_id TEXT NOT NULL,
  outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 2)
) STRICT;
CREATE INDEX break_glass_by_referral ON break_glass (referral_id, agency_id, id);
CREATE INDEX break_glass_by_agency ON break_glass (agency_id, approve_ms, request_ms);
CREATE INDEX break_glass_by_discloser ON break_glass (discloser_agency_id, id);
-- Those whose review is to be called overdue.
CREATE INDEX break_glass_due ON break_glass (approve_ms)
WHERE approve_ms > 0 AND review_ms = 0 AND overdue_ms = 0;
CREATE TRIGGER break_glass_review_stands BEFORE UPDATE ON break_glass WHEN OLD.review_ms > 0 AND
  (NEW.review_ms <> OLD.review_ms OR NEW.outcome <> OLD.outcome)
BEGIN SELECT RAISE(ABORT, 'a review of a break-glass stands'); END;
CREATE TRIGGER break_glass_is_kept BEFORE DELETE ON break_glass
BEGIN SELECT RAISE(ABORT, 'break-glasses are kept'); END;
-- Under which one it was opened; empty: in the ordinary way.
ALTER TABLE disclosure ADD COLUMN break_glass_id TEXT NOT NULL DEFAULT '';
-- What was sent or opened, as custody names it; empty: sent as a note, or before this column was.
ALTER TABLE disclosure ADD COLUMN packet_id TEXT NOT NULL DEFAULT '';
-- What an agency was sent of a referral.
CREATE INDEX disclosure_by_referral ON disclosure (referral_id, recipient_agency_id, id)
WHERE kind = 'sent';
