-- A backup is put back without the custody database, which was never in it: what has ended since, or
-- was used up, is remembered there. IF NOT EXISTS in custody: as in 003.
CREATE TABLE IF NOT EXISTS custody.ended_release (
  release_id TEXT PRIMARY KEY,
  state INTEGER NOT NULL,
  state_ms INTEGER NOT NULL,
  withdrawal TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS custody.used_release (release_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- The same in both, so that each can tell whether the other is the one it was used with.
CREATE TABLE IF NOT EXISTS custody.custody_mark (mark TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE custody_mark (mark TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- Those that can still be ended.
CREATE INDEX release_open ON release (id) WHERE state IN (1, 2);
