-- When somebody last said that all of the listing is still so, and who: an agency and a role. 0:
-- never.
ALTER TABLE listing ADD COLUMN assured_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE listing ADD COLUMN assurer_agency_id TEXT NOT NULL DEFAULT '';
ALTER TABLE listing ADD COLUMN assurer_role TEXT NOT NULL DEFAULT '';
-- When its agency is next to be reminded of it; 0: it has been told all there is to tell.
ALTER TABLE listing ADD COLUMN remind_ms INTEGER NOT NULL DEFAULT 0;
-- 30 days from now, as for a new one: of those that have long been there nobody has been told.
UPDATE listing SET remind_ms = CAST(strftime('%s', 'now') AS INTEGER) * 1000 + 2592000000;
CREATE INDEX listing_by_assurance ON listing (agency_id, assured_ms, id) WHERE offered = 1;
CREATE INDEX listing_to_remind ON listing (remind_ms, id) WHERE offered = 1 AND remind_ms > 0;

-- What has changed about a service or an organization, field by field; the last 200 changes of each.
CREATE TABLE field_change (
  id TEXT PRIMARY KEY,
  owner_kind TEXT NOT NULL,         -- services, organizations
  owner_id TEXT NOT NULL,
  number INTEGER NOT NULL,                 -- in the order of the changes of the owner
  agency_id TEXT NOT NULL REFERENCES agency (id),
  time_ms INTEGER NOT NULL,
  actor_agency_id TEXT NOT NULL,
  actor_role TEXT NOT NULL,
  action TEXT NOT NULL,               -- create, update, delete
  resource_type TEXT NOT NULL,        -- the record inside the owner, or the owner itself
  resource_id TEXT NOT NULL,
  field_name TEXT NOT NULL,
  previous_value TEXT NOT NULL,
  replacement_value TEXT NOT NULL,
  tier INTEGER NOT NULL                    -- as of hsds_record: of the field, at its closest
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX field_change_by_owner ON field_change (owner_kind, owner_id, number);
CREATE INDEX field_change_by_agency ON field_change (agency_id);

-- Exports of the last 24 hours, for the limit of three.
CREATE TABLE export_run (
  id TEXT PRIMARY KEY,
  staff_id TEXT NOT NULL,
  agency_id TEXT NOT NULL,            -- whose listings; empty: all
  as_tables INTEGER NOT NULL,
  begin_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX export_run_by_staff ON export_run (staff_id, begin_ms);
CREATE INDEX export_run_by_time ON export_run (begin_ms);
