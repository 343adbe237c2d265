-- Bed calls, in codes, with what each agency answers.
CREATE TABLE bed_call (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channel (id),
  agency_id TEXT NOT NULL,
  need_code TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  age_band TEXT NOT NULL,
  household_band TEXT NOT NULL,
  household_codes TEXT NOT NULL,
  languages TEXT NOT NULL,
  county TEXT NOT NULL,
  accessibility_codes TEXT NOT NULL,
  state INTEGER NOT NULL,
  create_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  taken_agency_id TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX bed_call_open ON bed_call (until_ms) WHERE state = 1;
CREATE INDEX bed_call_by_agency ON bed_call (agency_id, id);
CREATE INDEX bed_call_by_expiry ON bed_call (expire_ms);
CREATE TABLE bed_answer (
  bed_call_id TEXT NOT NULL REFERENCES bed_call (id),
  agency_id TEXT NOT NULL,
  answer INTEGER NOT NULL,
  unit TEXT NOT NULL,
  units INTEGER NOT NULL,
  service_id TEXT NOT NULL,
  answer_ms INTEGER NOT NULL,
  PRIMARY KEY (bed_call_id, agency_id)
) STRICT, WITHOUT ROWID;

-- Alerts, and how far each has gone with each agency that it went to.
CREATE TABLE alert (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channel (id),
  agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  create_ms INTEGER NOT NULL,
  remind_ms INTEGER NOT NULL,
  admin_ms INTEGER NOT NULL,
  coordinator_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  agency_count INTEGER NOT NULL,
  acknowledged_count INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_by_agency ON alert (agency_id, id);
CREATE INDEX alert_by_expiry ON alert (expire_ms);
CREATE TABLE alert_agency (
  alert_id TEXT NOT NULL REFERENCES alert (id),
  agency_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  acknowledge_ms INTEGER NOT NULL,
  staff_id TEXT NOT NULL,
  PRIMARY KEY (alert_id, agency_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_agency_by_agency ON alert_agency (agency_id, alert_id);
CREATE INDEX alert_agency_due ON alert_agency (due_ms) WHERE step BETWEEN 1 AND 3;
