-- Not names alone any more, but accounts and networks: each the HMAC of what it stands for.
DELETE FROM sign_in_throttle;
ALTER TABLE sign_in_throttle RENAME COLUMN name_sha256 TO key;
