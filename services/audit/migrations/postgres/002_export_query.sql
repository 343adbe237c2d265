-- What an export asks for, as a hash: its pages and repeats may ask for nothing else.
ALTER TABLE export_run ADD COLUMN query TEXT NOT NULL DEFAULT '';
