-- Referrals through which an agency hands on what it has received. had_before: the agencies that had
-- the case before, with blanks; had_cases: their case handles, for their do-not-route lists. A row goes
-- when its referral is shredded: from then on nothing ties them together.
CREATE TABLE forward (
  referral_id TEXT PRIMARY KEY REFERENCES referral (id),
  from_referral_id TEXT NOT NULL,
  from_offer_id TEXT NOT NULL,
  had_before TEXT NOT NULL,
  had_cases TEXT NOT NULL
);
CREATE INDEX forward_by_origin ON forward (from_referral_id);
-- What an agency has asked of several: what is handed on goes to one.
DROP INDEX referral_asked_by;
CREATE INDEX referral_asked_by ON referral (sender_agency_id)
  WHERE state = 2 AND mode BETWEEN 2 AND 3;
