-- Referrals with their offers, sealed packets and story. Codes, ids, times; never content.
-- Partial indexes say BETWEEN, and so do the queries that use them: for an IN, SQLite makes a
-- temporary table for each index at each INSERT.
CREATE TABLE referral (
  id TEXT PRIMARY KEY,
  sender_agency_id TEXT NOT NULL,
  case_handle TEXT NOT NULL,
  need_code TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  facets TEXT NOT NULL,
  state INTEGER NOT NULL,
  release_id TEXT NOT NULL,
  release_hash TEXT NOT NULL,
  purpose TEXT NOT NULL,
  categories TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  update_ms INTEGER NOT NULL,
  reason_code TEXT NOT NULL,
  outcome_code TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_by_sender ON referral (sender_agency_id, id);
CREATE INDEX referral_live ON referral (case_handle, need_code) WHERE state BETWEEN 2 AND 4;
CREATE INDEX referral_live_by_release ON referral (release_id) WHERE state BETWEEN 2 AND 4;

CREATE TABLE offer (
  id TEXT PRIMARY KEY,
  referral_id TEXT NOT NULL REFERENCES referral (id),
  recipient_agency_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  reason_code TEXT NOT NULL,
  send_ms INTEGER NOT NULL,
  deliver_ms INTEGER NOT NULL,
  open_ms INTEGER NOT NULL,
  decide_ms INTEGER NOT NULL,
  remind_ms INTEGER NOT NULL,
  escalate_admin_ms INTEGER NOT NULL,
  escalate_coordinator_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX offer_by_referral ON offer (referral_id, id);
CREATE INDEX offer_by_recipient ON offer (recipient_agency_id, referral_id);
CREATE INDEX offer_pending ON offer (expire_ms) WHERE state BETWEEN 1 AND 3;

CREATE TABLE packet (
  referral_id TEXT PRIMARY KEY,
  protected TEXT NOT NULL,
  iv BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  tag BLOB NOT NULL,
  recipients TEXT NOT NULL
) STRICT;

CREATE TABLE timeline (
  id TEXT NOT NULL,
  referral_id TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  event TEXT NOT NULL,
  agency_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  offer_id TEXT NOT NULL,
  PRIMARY KEY (referral_id, id)
) STRICT, WITHOUT ROWID;

-- Copies kept current by the events of directory and identity.
CREATE TABLE agency (
  id TEXT PRIMARY KEY,
  membership TEXT NOT NULL,
  kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE agency_key (
  agency_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  epoch_kid TEXT NOT NULL,
  signing_kid TEXT NOT NULL,
  PRIMARY KEY (agency_id, epoch)
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_to_shred ON referral (update_ms)
  WHERE state BETWEEN 5 AND 8 AND case_handle <> '';

-- Releases that consent has ended, so that a send under way at that moment is refused.
CREATE TABLE revoked_release (
  id TEXT PRIMARY KEY,
  revoke_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_release_by_time ON revoked_release (revoke_ms);
