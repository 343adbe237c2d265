-- When somebody last said that all of the listing is still so, and who: an agency and a role. 0:
-- never.
ALTER TABLE listing ADD COLUMN assured_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE listing ADD COLUMN assurer_agency_id TEXT NOT NULL DEFAULT '';
ALTER TABLE listing ADD COLUMN assurer_role TEXT NOT NULL DEFAULT '';
-- When its agency is next to be reminded of it; 0: it has been told all there is to tell.
ALTER TABLE listing ADD COLUMN remind_ms INTEGER NOT NULL DEFAULT 0;
-- As for a new one: 30 days.
UPDATE listing SET remind_ms = update_ms + 2592000000;
CREATE INDEX listing_by_assurance ON listing (agency_id, assured_ms, id) WHERE offered = 1;
CREATE INDEX listing_to_remind ON listing (remind_ms, id) WHERE offered = 1 AND remind_ms > 0;
