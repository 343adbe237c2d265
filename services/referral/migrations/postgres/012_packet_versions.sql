-- Which version of its packet lies here (0: none does), and which one the recipient has opened last.
ALTER TABLE referral ADD COLUMN packet_version BIGINT NOT NULL DEFAULT 0;
UPDATE referral SET packet_version = 1 WHERE packet_id <> '';
ALTER TABLE offer ADD COLUMN opened_version BIGINT NOT NULL DEFAULT 0;
UPDATE offer SET opened_version = 1 WHERE open_ms > 0;
