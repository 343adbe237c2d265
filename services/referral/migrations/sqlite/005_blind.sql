-- Offers without a packet to several agencies, and the packet after the match.
ALTER TABLE referral ADD COLUMN mode INTEGER NOT NULL DEFAULT 1;
-- Of the packet that lies here: the referral's id, or that of the offer that it was sealed to.
ALTER TABLE referral ADD COLUMN packet_id TEXT NOT NULL DEFAULT '';
UPDATE referral SET packet_id = id WHERE id IN (SELECT referral_id FROM packet);
ALTER TABLE offer ADD COLUMN answer INTEGER NOT NULL DEFAULT 0;
-- Packets that are destroyed and whose custody keys are to follow.
CREATE TABLE custody_to_destroy (
  packet_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
-- When a coordinator has asked once more.
ALTER TABLE offer ADD COLUMN nudge_ms INTEGER NOT NULL DEFAULT 0;
-- For coordinators: what is agreed and not begun, the longest first.
CREATE INDEX referral_matched ON referral (update_ms, id) WHERE state = 3;
-- What is open again after a match that came to nothing (its reason), and nobody has been asked since.
CREATE INDEX referral_unasked ON referral (update_ms, id) WHERE state = 2 AND reason_code <> '';
-- What an agency has asked of several.
CREATE INDEX referral_asked_by ON referral (sender_agency_id) WHERE state = 2 AND mode <> 1;
-- And what waits, in the order of the clock.
DROP INDEX offer_due;
CREATE INDEX offer_due ON offer (next_due_ms, id) WHERE state BETWEEN 1 AND 3;
