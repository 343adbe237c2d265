-- What the agency has asked about its offer, and what was answered: codes and times, a line for each.
ALTER TABLE offer ADD COLUMN questions TEXT NOT NULL DEFAULT '';
