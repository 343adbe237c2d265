-- What the coalition tells itself, in clear, and never about a client.
CREATE TABLE channel (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  agency_kinds TEXT NOT NULL,
  law_enforcement INTEGER NOT NULL,
  post_days INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  create_ms INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Those that there are from the beginning, as domain/channel.h knows them.
INSERT INTO channel (id, name, kind, agency_kinds, law_enforcement, post_days, closed, create_ms,
                     version)
VALUES
  ('01980000-0000-7000-8000-000000000001', 'announcements', 1, '', 0, 365, 0, 0, 1),
  ('01980000-0000-7000-8000-000000000002', 'bed_calls', 2, '', 0, 30, 0, 0, 1),
  ('01980000-0000-7000-8000-000000000003', 'alerts', 3, '', 0, 90, 0, 0, 1),
  ('01980000-0000-7000-8000-000000000004', 'practice', 4, '', 0, 730, 0, 0, 1);

CREATE TABLE post (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channel (id),
  agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  tags TEXT NOT NULL,
  pinned INTEGER NOT NULL,
  create_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  reply_to TEXT NOT NULL,
  reply_count INTEGER NOT NULL
) STRICT;
CREATE INDEX post_by_channel ON post (channel_id, reply_to, pinned, id);
CREATE INDEX post_by_expiry ON post (expire_ms);

-- The words of each post (domain/words.h), and its tags with a # before them.
CREATE TABLE post_term (
  term TEXT NOT NULL,
  post_id TEXT NOT NULL REFERENCES post (id),
  PRIMARY KEY (term, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_term_by_post ON post_term (post_id);
