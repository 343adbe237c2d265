-- The service's own audit trail: codes and ids. Never changed. Positions may have gaps and follow
-- the order of writing; the order of commits is the outbox's.
CREATE TABLE audit_record (
  position bigserial PRIMARY KEY,
  id text NOT NULL,
  time_ms bigint NOT NULL,
  action text NOT NULL,
  refused_reason text NOT NULL,       -- empty: it was done
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
  count bigint NOT NULL CHECK (count > 0)
);
CREATE FUNCTION audit_record_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER audit_record_is_append_only BEFORE UPDATE OR DELETE ON audit_record
FOR EACH ROW EXECUTE FUNCTION audit_record_refuse_change();
CREATE TRIGGER audit_record_is_kept BEFORE TRUNCATE ON audit_record
FOR EACH STATEMENT EXECUTE FUNCTION audit_record_refuse_change();
