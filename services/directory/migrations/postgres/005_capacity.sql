-- What a service has free of one unit now. How the numbers hang together: domain/capacity.h.
CREATE TABLE capacity (
  service_id TEXT COLLATE "C" NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
  unit BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL UNIQUE,
  agency_id TEXT COLLATE "C" NOT NULL REFERENCES agency (id),
  available BIGINT NOT NULL CHECK (available >= 0),
  held BIGINT NOT NULL CHECK (held >= 0),
  maximum BIGINT NOT NULL,           -- 0: not stated
  overflow_available BIGINT NOT NULL CHECK (overflow_available >= 0),
  overflow_held BIGINT NOT NULL CHECK (overflow_held >= 0),
  accepting BIGINT NOT NULL,
  waitlist BIGINT NOT NULL,
  update_ms BIGINT NOT NULL,         -- when somebody last said so
  version BIGINT NOT NULL,
  PRIMARY KEY (service_id, unit),
  CHECK (maximum = 0 OR available + held <= maximum)
);
CREATE INDEX capacity_by_agency ON capacity (agency_id, service_id, unit);

-- Every change of it. Rows are added, and taken away only by their age.
CREATE TABLE capacity_snapshot (
  id TEXT COLLATE "C" PRIMARY KEY,
  service_id TEXT COLLATE "C" NOT NULL,
  unit BIGINT NOT NULL,
  cause BIGINT NOT NULL,
  as_of_ms BIGINT NOT NULL,
  available BIGINT NOT NULL,
  held BIGINT NOT NULL,
  maximum BIGINT NOT NULL,
  overflow_available BIGINT NOT NULL,
  overflow_held BIGINT NOT NULL,
  accepting BIGINT NOT NULL,
  waitlist BIGINT NOT NULL,
  version BIGINT NOT NULL,
  actor_agency_id TEXT NOT NULL,      -- empty, like the next: the hub itself
  actor_staff_id TEXT NOT NULL,
  hold_id TEXT NOT NULL
);
CREATE INDEX capacity_snapshot_by_time ON capacity_snapshot (as_of_ms);
CREATE INDEX capacity_snapshot_by_unit ON capacity_snapshot (service_id, unit, id);
CREATE FUNCTION capacity_snapshot_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'snapshots are append-only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER capacity_snapshot_is_append_only BEFORE UPDATE ON capacity_snapshot
FOR EACH ROW EXECUTE FUNCTION capacity_snapshot_refuse_change();

-- Units kept for somebody of whom it says nothing. State 1: it stands.
CREATE TABLE capacity_hold (
  id TEXT COLLATE "C" PRIMARY KEY,
  service_id TEXT COLLATE "C" NOT NULL,
  unit BIGINT NOT NULL,
  agency_id TEXT COLLATE "C" NOT NULL,
  holder_agency_id TEXT COLLATE "C" NOT NULL,
  holder_staff_id TEXT NOT NULL,
  reference_id TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  overflow BIGINT NOT NULL,
  state BIGINT NOT NULL,
  place_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL             -- 0: it stands
);
CREATE UNIQUE INDEX capacity_hold_once
  ON capacity_hold (holder_agency_id, reference_id, service_id, unit) WHERE state = 1;
CREATE INDEX capacity_hold_due ON capacity_hold (expire_ms, id) WHERE state = 1;
CREATE INDEX capacity_hold_out ON capacity_hold (service_id, unit, expire_ms) WHERE state = 1;
CREATE INDEX capacity_hold_ended ON capacity_hold (end_ms) WHERE state <> 1;
CREATE INDEX capacity_hold_by_holder ON capacity_hold (holder_agency_id, id);
CREATE INDEX capacity_hold_standing ON capacity_hold (id) WHERE state = 1;
CREATE INDEX capacity_hold_placed ON capacity_hold (holder_agency_id, quantity) WHERE state = 1;
CREATE INDEX capacity_hold_by_agency ON capacity_hold (agency_id, id);
