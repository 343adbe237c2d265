-- Statements about keys, as they were sent: signed, and public.
CREATE TABLE coalition_root (
  number BIGINT PRIMARY KEY CHECK (number >= 1),
  statement TEXT NOT NULL,
  create_ms BIGINT NOT NULL
);

CREATE TABLE agency_certificate (
  agency_id TEXT PRIMARY KEY,
  certificate TEXT NOT NULL,
  agency_kid TEXT NOT NULL,
  root_kid TEXT NOT NULL,
  issued_s BIGINT NOT NULL
);

CREATE TABLE key_list (
  agency_id TEXT NOT NULL,
  version BIGINT NOT NULL CHECK (version >= 1),
  key_list TEXT NOT NULL,
  agency_kid TEXT NOT NULL,
  create_ms BIGINT NOT NULL,
  PRIMARY KEY (agency_id, version)
);
CREATE INDEX key_list_by_agency_kid ON key_list (agency_kid, agency_id);

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  kid TEXT NOT NULL UNIQUE,
  device_jwk TEXT NOT NULL,
  create_ms BIGINT NOT NULL,
  confirm_ms BIGINT,                 -- when a key list named it
  remove_ms BIGINT
);
CREATE INDEX device_by_agency ON device (agency_id, id);
CREATE INDEX device_by_staff ON device (staff_id);

-- Private keys, sealed to a device that alone can open them.
CREATE TABLE key_wrap (
  device_id TEXT NOT NULL REFERENCES device (id),
  epoch BIGINT NOT NULL,
  jwe TEXT NOT NULL,
  PRIMARY KEY (device_id, epoch)
);

-- Agencies that somebody or some device has left without a new epoch.
CREATE TABLE key_change_due (
  agency_id TEXT PRIMARY KEY,
  since_ms BIGINT NOT NULL
);
