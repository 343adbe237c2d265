-- Who applied, who vouched, and everything that became of a membership. Codes, ids, times.
ALTER TABLE agency ADD COLUMN contact_phone TEXT NOT NULL DEFAULT '';
-- The few that wait, and names among members.
CREATE INDEX agency_waiting ON agency (membership) WHERE membership BETWEEN 1 AND 2;
CREATE INDEX listing_by_agency ON listing (agency_id);

CREATE TABLE membership_change (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  from_state INTEGER NOT NULL,
  to_state INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  actor_staff_id TEXT NOT NULL,       -- empty: an application from outside
  actor_agency_id TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  is_sponsorship INTEGER NOT NULL,
  request_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_change_by_agency ON membership_change (agency_id, id);
-- A repeat of a call finds what its first run did.
CREATE INDEX membership_change_by_request ON membership_change (request_id);
