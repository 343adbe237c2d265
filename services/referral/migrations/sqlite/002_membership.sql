-- Which change of an agency our copy knows, and for which one its offers were closed.
ALTER TABLE agency ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN closed_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN offers_closed INTEGER NOT NULL DEFAULT 0;
