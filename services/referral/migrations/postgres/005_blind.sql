-- Offers without a packet to several agencies, and the packet after the match.
ALTER TABLE referral ADD COLUMN mode BIGINT NOT NULL DEFAULT 1;
-- Of the packet that lies here: the referral's id, or that of the offer that it was sealed to.
ALTER TABLE referral ADD COLUMN packet_id TEXT NOT NULL DEFAULT '';
UPDATE referral SET packet_id = id WHERE id IN (SELECT referral_id FROM packet);
ALTER TABLE offer ADD COLUMN answer BIGINT NOT NULL DEFAULT 0;
-- Packets that are destroyed and whose custody keys are to follow.
CREATE TABLE custody_to_destroy (
  packet_id TEXT PRIMARY KEY
);
