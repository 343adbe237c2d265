-- The gathered trail: every service's audit records, in the order in which each wrote them.
-- Never changed. `sequence` has no gaps: the place of a later tree of hashes over each trail.
CREATE TABLE audit_entry (
  service TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  id TEXT PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  action TEXT NOT NULL,
  refused_reason TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  subject_staff_id TEXT NOT NULL,
  subject_agency_id TEXT NOT NULL,
  case_handle TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  release_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  method TEXT NOT NULL,
  count INTEGER NOT NULL,
  UNIQUE (service, sequence)
) STRICT;
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
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

-- Exports begun, for the limit of three a day.
CREATE TABLE export_run (
  staff_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (staff_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX export_run_by_staff ON export_run (staff_id, time_ms);
