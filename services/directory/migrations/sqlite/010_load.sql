-- What agencies were asked for on the last seven days, in points (domain/load.h): days since 1970.
-- For whom or by whom is not known.
CREATE TABLE agency_load (
  day INTEGER NOT NULL,
  agency_id TEXT NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY (day, agency_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE load_day (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  last_day INTEGER NOT NULL           -- the last one that is in it; 0: none
) STRICT;
INSERT INTO load_day (only_row, last_day) VALUES (1, 0);
