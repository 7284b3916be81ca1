-- By it a node, or who looks for what is wrong, sees whether another signs with the same key: a slow hash of the key, salted
-- with the id of the run. Whoever has not the key learns nothing from it.
alter table nodes add column key_mark bytea;
