-- The service's own audit trail: codes and ids, in the order of their commits. Never changed.
CREATE TABLE audit_record (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  action TEXT NOT NULL,
  refused_reason TEXT NOT NULL,       -- empty: it was done
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
  count INTEGER NOT NULL CHECK (count > 0)
) STRICT;
CREATE TRIGGER audit_record_is_append_only BEFORE UPDATE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_record_is_kept BEFORE DELETE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
