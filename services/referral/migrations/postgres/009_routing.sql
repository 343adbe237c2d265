-- Agencies that a case must never be put to, kept by the agency whose case it is. One row a case, so
-- that whoever sets it and whoever sends meet in it; a line for each agency, with the reason.
CREATE TABLE do_not_route (
  agency_id TEXT NOT NULL,
  case_handle TEXT NOT NULL,
  entries TEXT NOT NULL,
  version BIGINT NOT NULL,
  -- When it was set, or a referral of the case had ended: it goes a year later.
  touch_ms BIGINT NOT NULL,
  PRIMARY KEY (agency_id, case_handle)
);
CREATE INDEX do_not_route_by_time ON do_not_route (touch_ms);
-- What is of a case still, ended or not: as long as there is such a referral the list stays.
CREATE INDEX referral_of_case ON referral (case_handle) WHERE case_handle <> '';
-- What comes of age.
CREATE INDEX offer_pace_by_time ON offer_pace (end_ms);
CREATE INDEX leaver_by_time ON leaver (leave_ms);
-- Whom a coordinator has suggested to ask next.
CREATE TABLE suggestion (
  referral_id TEXT NOT NULL REFERENCES referral (id),
  agency_id TEXT NOT NULL,
  suggest_ms BIGINT NOT NULL,
  PRIMARY KEY (referral_id, agency_id)
);
