-- The gathered trail: every service's audit records, in the order in which each wrote them.
-- Never changed. `sequence` has no gaps: the place of a later tree of hashes over each trail.
CREATE TABLE audit_entry (
  service text NOT NULL,
  sequence bigint NOT NULL,
  id text PRIMARY KEY,
  time_ms bigint NOT NULL,
  action text NOT NULL,
  refused_reason text NOT NULL,
  staff_id text NOT NULL,
  agency_id text NOT NULL,
  session_id text NOT NULL,
  subject_staff_id text NOT NULL,
  subject_agency_id text NOT NULL,
  case_handle text NOT NULL,
  referral_id text NOT NULL,
  release_id text NOT NULL,
  record_id text NOT NULL,
  method text NOT NULL,
  count bigint NOT NULL,
  UNIQUE (service, sequence)
);
CREATE INDEX audit_entry_by_time ON audit_entry (time_ms, id);
CREATE INDEX audit_entry_by_staff ON audit_entry (staff_id, time_ms, id)
WHERE staff_id <> '';
CREATE INDEX audit_entry_by_agency ON audit_entry (agency_id, time_ms, id)
WHERE agency_id <> '';
CREATE INDEX audit_entry_by_subject_agency ON audit_entry (subject_agency_id, time_ms, id)
WHERE subject_agency_id <> '';
CREATE INDEX audit_entry_by_case_handle ON audit_entry (case_handle, time_ms, id)
WHERE case_handle <> '';
CREATE INDEX audit_entry_by_referral ON audit_entry (referral_id, time_ms, id)
WHERE referral_id <> '';
CREATE INDEX audit_entry_by_release ON audit_entry (release_id, time_ms, id)
WHERE release_id <> '';
CREATE INDEX audit_entry_by_action ON audit_entry (action, time_ms, id);
CREATE FUNCTION audit_entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse_change();
CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse_change();

-- Exports begun, for the limit of three a day.
CREATE TABLE export_run (
  staff_id text NOT NULL,
  request_id text NOT NULL,
  time_ms bigint NOT NULL,
  PRIMARY KEY (staff_id, request_id)
);
CREATE INDEX export_run_by_staff ON export_run (staff_id, time_ms);
