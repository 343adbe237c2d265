-- What publishers said, as HSDS documents (JSON, nested): answered by the HSDS API and exported. A
-- listing that was imported before this has none until it is imported again.
CREATE TABLE hsds_record (
  kind TEXT NOT NULL,                 -- the HSDS table: services, organizations, taxonomy_terms, …
  id TEXT NOT NULL,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  organization_id TEXT NOT NULL,      -- of a service
  parent_id TEXT NOT NULL,            -- of a term
  taxonomy_id TEXT NOT NULL,          -- of a term
  tier INTEGER NOT NULL,              -- 0 for everybody, 1 for members, 2 for who runs it
  sort_key TEXT NOT NULL,             -- the folded name
  update_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX hsds_record_by_agency ON hsds_record (agency_id, kind, id);
CREATE INDEX hsds_record_by_organization ON hsds_record (organization_id, kind, id)
  WHERE organization_id <> '';

-- Where a service is given: as far as whoever may see the service may know it, so that no filter
-- tells more than an answer.
CREATE TABLE service_place (
  id TEXT NOT NULL,                   -- of the service_at_location
  service_id TEXT NOT NULL,
  location_id TEXT NOT NULL,
  tier INTEGER NOT NULL,              -- as above
  postal_code TEXT NOT NULL,
  latitude_e6 INTEGER NOT NULL,       -- millionths of a degree; 0, 0: not stated
  longitude_e6 INTEGER NOT NULL,
  PRIMARY KEY (id, service_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_place_by_service ON service_place (service_id);
CREATE INDEX service_place_by_location ON service_place (location_id);
CREATE INDEX service_place_by_postal_code ON service_place (postal_code) WHERE postal_code <> '';
CREATE INDEX service_place_by_latitude ON service_place (latitude_e6);

CREATE TABLE service_term (
  service_id TEXT NOT NULL,
  taxonomy_term_id TEXT NOT NULL,
  taxonomy_id TEXT NOT NULL,
  PRIMARY KEY (service_id, taxonomy_term_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_term_by_term ON service_term (taxonomy_term_id, service_id);
CREATE INDEX service_term_by_taxonomy ON service_term (taxonomy_id, service_id);

-- Places that an agency has declared confidential: wherever it names one, nothing more is said.
CREATE TABLE confidential_place (
  agency_id TEXT NOT NULL REFERENCES agency (id),
  location_id TEXT NOT NULL,
  PRIMARY KEY (agency_id, location_id)
) STRICT, WITHOUT ROWID;
