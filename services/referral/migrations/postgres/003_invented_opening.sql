-- The latest openings of referrals that do not exist, written over: they take no more room however
-- many there are, and as long as those that the trail records (an audit row and an event each), so
-- that the time of an answer does not tell which it was. What counts them is the trail.
CREATE TABLE invented_opening (
  slot INTEGER PRIMARY KEY,
  time_ms BIGINT NOT NULL,
  staff_id TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  filler TEXT NOT NULL
);
