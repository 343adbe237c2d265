-- Who brought a release into its state, and when; what was signed, as a hash; which release took
-- which one's place; how it was taken back.
ALTER TABLE release ADD COLUMN state_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE release ADD COLUMN state_staff_id TEXT NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN sign_staff_id TEXT NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN signed_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN supersedes_id TEXT NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN superseded_by_id TEXT NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN withdrawal TEXT NOT NULL DEFAULT '';

-- What is there already: the trail knows who signed it.
UPDATE release SET signed_hash = CASE WHEN sign_ms > 0 THEN 'before' ELSE '' END,
  state_ms = CASE state WHEN 2 THEN sign_ms WHEN 3 THEN revoke_ms WHEN 4 THEN expire_ms
             ELSE create_ms END;
UPDATE release SET sign_staff_id = signed.staff_id
  FROM (SELECT release_id, MAX(staff_id) AS staff_id FROM audit_record
        WHERE action = 'release_signed' AND refused_reason = '' GROUP BY release_id) AS signed
  WHERE signed.release_id = release.id;
UPDATE release SET state_staff_id = sign_staff_id WHERE state = 2;
UPDATE release SET state_staff_id = revoked.staff_id
  FROM (SELECT release_id, MAX(staff_id) AS staff_id FROM audit_record
        WHERE action = 'release_revoked' AND refused_reason = '' GROUP BY release_id) AS revoked
  WHERE revoked.release_id = release.id AND release.state = 3;

-- Requests to destroy copies of what was opened, and what was answered. Asked once; the answer
-- stands, but for "kept by law" (3), which may be followed by another.
CREATE TABLE destroy_notice (
  id TEXT PRIMARY KEY,
  release_id TEXT NOT NULL REFERENCES release (id),
  discloser_agency_id TEXT NOT NULL,
  recipient_agency_id TEXT NOT NULL,
  referral_ids TEXT NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('revoked', 'superseded', 'entered_in_error')),
  create_ms BIGINT NOT NULL,
  outcome BIGINT NOT NULL CHECK (outcome BETWEEN 0 AND 3),
  acknowledge_ms BIGINT NOT NULL,
  acknowledge_staff_id TEXT NOT NULL
);
CREATE UNIQUE INDEX destroy_notice_once ON destroy_notice (release_id, recipient_agency_id);
CREATE INDEX destroy_notice_by_recipient ON destroy_notice (recipient_agency_id, id);
CREATE INDEX destroy_notice_by_discloser ON destroy_notice (discloser_agency_id, id);
CREATE FUNCTION refuse_second_answer() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an answer to a request to destroy stands'
USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER destroy_notice_stands BEFORE UPDATE ON destroy_notice
FOR EACH ROW WHEN (OLD.outcome IN (1, 2)) EXECUTE FUNCTION refuse_second_answer();
CREATE TRIGGER destroy_notice_is_kept BEFORE DELETE ON destroy_notice
FOR EACH ROW EXECUTE FUNCTION refuse_second_answer();
-- Asked at every opening: was it sent, by the log?
CREATE INDEX disclosure_sent ON disclosure (release_id, referral_id, recipient_agency_id)
WHERE kind = 'sent';
