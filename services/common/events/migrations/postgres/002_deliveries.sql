-- How often it was tried before it was given up: for whoever looks at it, and for the tests.
ALTER TABLE dead_letter ADD COLUMN deliveries BIGINT NOT NULL DEFAULT 0;
