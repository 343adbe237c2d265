-- Who at an agency has a referral in hand: each agency's own, and nothing that the other side sees.
-- An empty staff_id: in the agency's queue again.
CREATE TABLE assignment (
  agency_id TEXT NOT NULL,
  referral_id TEXT NOT NULL REFERENCES referral (id),
  staff_id TEXT NOT NULL,
  assign_ms INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (agency_id, referral_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_by_staff ON assignment (staff_id, agency_id, referral_id);
-- Its story. Not in the timeline, which has an end: however often one side hands on, nothing of what
-- both know is pushed out of it.
CREATE TABLE assignment_line (
  agency_id TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  id TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  event TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  to_staff_id TEXT NOT NULL,
  from_staff_id TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  offer_id TEXT NOT NULL,
  PRIMARY KEY (agency_id, referral_id, id)
) STRICT, WITHOUT ROWID;
-- People who have left, so that an assignment under way at that moment is refused.
CREATE TABLE leaver (
  staff_id TEXT PRIMARY KEY,
  leave_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
