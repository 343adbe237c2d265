-- What agencies were asked for on the last seven days, in points (domain/load.h): days since 1970.
-- For whom or by whom is not known.
CREATE TABLE agency_load (
  day BIGINT NOT NULL,
  agency_id TEXT COLLATE "C" NOT NULL,
  points BIGINT NOT NULL,
  PRIMARY KEY (day, agency_id)
);
CREATE TABLE load_day (
  only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
  last_day BIGINT NOT NULL           -- the last one that is in it; 0: none
);
INSERT INTO load_day (only_row, last_day) VALUES (1, 0);
