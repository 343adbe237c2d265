-- What is owed after a service began, and what was recorded: codes and times. Services that began
-- before owe none: when they began was not kept.
CREATE TABLE follow_up (
  referral_id TEXT NOT NULL REFERENCES referral (id),
  point BIGINT NOT NULL,
  agency_id TEXT NOT NULL,
  due_ms BIGINT NOT NULL,
  told BIGINT NOT NULL,
  outcome_code TEXT NOT NULL,
  record_ms BIGINT NOT NULL,
  PRIMARY KEY (referral_id, point)
);
CREATE INDEX follow_up_to_tell ON follow_up (due_ms, referral_id, point) WHERE told = 0;
CREATE INDEX follow_up_owed ON follow_up (agency_id, due_ms, referral_id, point) WHERE record_ms = 0;
CREATE INDEX follow_up_done ON follow_up (agency_id, record_ms, referral_id, point) WHERE record_ms > 0;

-- How long an offer waited for its first answer (answered 1) or until its clock ended it (0), and
-- how long it took from the match to the service (begin_ms, -1: it has not begun). Beside the
-- offer, whose decide_ms is moved when a match falls through.
CREATE TABLE offer_pace (
  offer_id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL,
  end_ms BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  wait_ms BIGINT NOT NULL,
  begin_ms BIGINT NOT NULL
);
INSERT INTO offer_pace
  SELECT id, recipient_agency_id, decide_ms, CASE WHEN state = 6 THEN 0 ELSE 1 END,
         CASE WHEN decide_ms > send_ms THEN decide_ms - send_ms ELSE 0 END, -1
  FROM offer WHERE state BETWEEN 4 AND 6 AND decide_ms > 0;
CREATE INDEX offer_pace_by_agency ON offer_pace (agency_id, end_ms, answered, wait_ms, begin_ms);
