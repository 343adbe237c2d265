-- What the clock of an offer does next, and when: the ladder's time of that step, once more, so that
-- one index finds what is due. Offers that wait have not been reminded of yet.
ALTER TABLE offer ADD COLUMN next_step BIGINT NOT NULL DEFAULT 1;
ALTER TABLE offer ADD COLUMN next_due_ms BIGINT NOT NULL DEFAULT 0;
UPDATE offer SET next_due_ms = remind_ms;
DROP INDEX offer_pending;
CREATE INDEX offer_due ON offer (next_due_ms) WHERE state BETWEEN 1 AND 3;
