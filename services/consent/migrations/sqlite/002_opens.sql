-- How many packets a person has opened in the last day: the limit on bulk reading.
CREATE INDEX disclosure_by_staff ON disclosure (staff_id, time_ms) WHERE staff_id <> '';
