-- Searches of the members are answered from memory (index/search.h), which reads the folded words
-- here: separated by blanks, those of search_token.
ALTER TABLE listing ADD COLUMN words TEXT NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE listing SET words = COALESCE(
  (SELECT group_concat(t.token, ' ') FROM search_token t WHERE t.owner_id = listing.id), '');
UPDATE organization SET words = COALESCE(
  (SELECT group_concat(t.token, ' ') FROM search_token t WHERE t.owner_id = organization.id), '');

-- What searches in the database needed.
DROP TABLE listing_need;
DROP TABLE listing_county;
DROP TABLE listing_language;
DROP INDEX listing_by_name;
