-- What a service has free of one unit now. How the numbers hang together: domain/capacity.h.
CREATE TABLE capacity (
  service_id TEXT NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
  unit INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  available INTEGER NOT NULL CHECK (available >= 0),
  held INTEGER NOT NULL CHECK (held >= 0),
  maximum INTEGER NOT NULL,           -- 0: not stated
  overflow_available INTEGER NOT NULL CHECK (overflow_available >= 0),
  overflow_held INTEGER NOT NULL CHECK (overflow_held >= 0),
  accepting INTEGER NOT NULL,
  waitlist INTEGER NOT NULL,
  update_ms INTEGER NOT NULL,         -- when somebody last said so
  version INTEGER NOT NULL,
  PRIMARY KEY (service_id, unit),
  CHECK (maximum = 0 OR available + held <= maximum)
) STRICT;
CREATE INDEX capacity_by_agency ON capacity (agency_id, service_id, unit);

-- Every change of it. Rows are added, and taken away only by their age.
CREATE TABLE capacity_snapshot (
  id TEXT PRIMARY KEY,
  service_id TEXT NOT NULL,
  unit INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  as_of_ms INTEGER NOT NULL,
  available INTEGER NOT NULL,
  held INTEGER NOT NULL,
  maximum INTEGER NOT NULL,
  overflow_available INTEGER NOT NULL,
  overflow_held INTEGER NOT NULL,
  accepting INTEGER NOT NULL,
  waitlist INTEGER NOT NULL,
  version INTEGER NOT NULL,
  actor_agency_id TEXT NOT NULL,      -- empty, like the next: the hub itself
  actor_staff_id TEXT NOT NULL,
  hold_id TEXT NOT NULL
) STRICT;
CREATE INDEX capacity_snapshot_by_time ON capacity_snapshot (as_of_ms);
CREATE INDEX capacity_snapshot_by_unit ON capacity_snapshot (service_id, unit, id);
CREATE TRIGGER capacity_snapshot_is_append_only BEFORE UPDATE ON capacity_snapshot
BEGIN SELECT RAISE(ABORT, 'snapshots are append-only'); END;

-- Units kept for somebody of whom it says nothing. State 1: it stands.
CREATE TABLE capacity_hold (
  id TEXT PRIMARY KEY,
  service_id TEXT NOT NULL,
  unit INTEGER NOT NULL,
  agency_id TEXT NOT NULL,
  holder_agency_id TEXT NOT NULL,
  holder_staff_id TEXT NOT NULL,
  reference_id TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  overflow INTEGER NOT NULL,
  state INTEGER NOT NULL,
  place_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL             -- 0: it stands
) STRICT;
CREATE UNIQUE INDEX capacity_hold_once
  ON capacity_hold (holder_agency_id, reference_id, service_id, unit) WHERE state = 1;
CREATE INDEX capacity_hold_due ON capacity_hold (expire_ms, id) WHERE state = 1;
CREATE INDEX capacity_hold_out ON capacity_hold (service_id, unit, expire_ms) WHERE state = 1;
CREATE INDEX capacity_hold_ended ON capacity_hold (end_ms) WHERE state <> 1;
CREATE INDEX capacity_hold_by_holder ON capacity_hold (holder_agency_id, id);
CREATE INDEX capacity_hold_standing ON capacity_hold (id) WHERE state = 1;
CREATE INDEX capacity_hold_placed ON capacity_hold (holder_agency_id, quantity) WHERE state = 1;
CREATE INDEX capacity_hold_by_agency ON capacity_hold (agency_id, id);
