CREATE TABLE agency (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,             -- the folded name
  kind BIGINT NOT NULL,
  membership BIGINT NOT NULL,
  create_ms BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX agency_by_name ON agency (sort_key, id);

CREATE TABLE organization (
  id TEXT COLLATE "C" PRIMARY KEY,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  email TEXT NOT NULL,
  website TEXT NOT NULL,
  content_hash BYTEA NOT NULL,
  update_ms BIGINT NOT NULL
);

-- One HSDS service. Lists are joined with line ends; what is searched stands in the tables below.
CREATE TABLE listing (
  id TEXT COLLATE "C" PRIMARY KEY,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  organization_id TEXT NOT NULL REFERENCES organization (id),
  name TEXT NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  -- 1 when searches show it: status active, of an active agency. Follows both.
  offered BIGINT NOT NULL,
  need_codes TEXT NOT NULL,
  languages TEXT NOT NULL,
  counties TEXT NOT NULL,
  phones TEXT NOT NULL,
  email TEXT NOT NULL,
  url TEXT NOT NULL,
  minimum_age BIGINT NOT NULL,
  maximum_age BIGINT NOT NULL,
  confidential BIGINT NOT NULL,
  cities TEXT NOT NULL,               -- always empty when confidential
  content_hash BYTEA NOT NULL,
  update_ms BIGINT NOT NULL,
  CHECK (confidential = 0 OR cities = '')
);
CREATE UNIQUE INDEX listing_by_name ON listing (sort_key, id);
CREATE INDEX listing_by_organization ON listing (organization_id);

-- A need of the listing or the parent of one, in the order of answers.
CREATE TABLE listing_need (
  service_id TEXT COLLATE "C" NOT NULL REFERENCES listing (id),
  need_code TEXT COLLATE "C" NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (service_id, need_code)
);
CREATE UNIQUE INDEX listing_need_by_code ON listing_need (need_code, sort_key, service_id);

CREATE TABLE listing_county (
  service_id TEXT COLLATE "C" NOT NULL REFERENCES listing (id),
  county TEXT COLLATE "C" NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (service_id, county)
);
CREATE UNIQUE INDEX listing_county_by_county ON listing_county (county, sort_key, service_id);

-- Each tag, and its language alone: "es-MX" is found by "es".
CREATE TABLE listing_language (
  service_id TEXT COLLATE "C" NOT NULL REFERENCES listing (id),
  language TEXT COLLATE "C" NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (service_id, language)
);
CREATE UNIQUE INDEX listing_language_by_language
  ON listing_language (language, sort_key, service_id);

-- Folded words of a listing or an organization.
CREATE TABLE search_token (
  owner_id TEXT COLLATE "C" NOT NULL,
  token TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (owner_id, token)
);
CREATE INDEX search_token_by_token ON search_token (token, owner_id);
