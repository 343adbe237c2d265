-- Bed calls, in codes, with what each agency answers.
CREATE TABLE bed_call (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channel (id),
  agency_id TEXT NOT NULL,
  need_code TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  age_band TEXT NOT NULL,
  household_band TEXT NOT NULL,
  household_codes TEXT NOT NULL,
  languages TEXT NOT NULL,
  county TEXT NOT NULL,
  accessibility_codes TEXT NOT NULL,
  state BIGINT NOT NULL,
  create_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL,
  taken_agency_id TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX bed_call_open ON bed_call (until_ms) WHERE state = 1;
CREATE INDEX bed_call_by_agency ON bed_call (agency_id, id);
CREATE INDEX bed_call_by_expiry ON bed_call (expire_ms);
CREATE TABLE bed_answer (
  bed_call_id TEXT NOT NULL REFERENCES bed_call (id),
  agency_id TEXT NOT NULL,
  answer BIGINT NOT NULL,
  unit TEXT NOT NULL,
  units BIGINT NOT NULL,
  service_id TEXT NOT NULL,
  answer_ms BIGINT NOT NULL,
  PRIMARY KEY (bed_call_id, agency_id)
);

-- Alerts, and how far each has gone with each agency that it went to.
CREATE TABLE alert (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channel (id),
  agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  create_ms BIGINT NOT NULL,
  remind_ms BIGINT NOT NULL,
  admin_ms BIGINT NOT NULL,
  coordinator_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL,
  agency_count BIGINT NOT NULL,
  acknowledged_count BIGINT NOT NULL
);
CREATE INDEX alert_by_agency ON alert (agency_id, id);
CREATE INDEX alert_by_expiry ON alert (expire_ms);
CREATE TABLE alert_agency (
  alert_id TEXT NOT NULL REFERENCES alert (id),
  agency_id TEXT NOT NULL,
  step BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  acknowledge_ms BIGINT NOT NULL,
  staff_id TEXT NOT NULL,
  PRIMARY KEY (alert_id, agency_id)
);
CREATE INDEX alert_agency_by_agency ON alert_agency (agency_id, alert_id);
CREATE INDEX alert_agency_due ON alert_agency (due_ms) WHERE step BETWEEN 1 AND 3;
