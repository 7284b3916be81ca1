-- The Idempotency-Key of the request that made a movement is kept with it, as long as the movement: stored answers are
-- forgotten after a day, and a client may have been without power for longer than that before it asks again.
--
-- Defaults that read the transaction's settings, because the movement is written at COMMIT by log_commit, which need not
-- know of them: whatever writes a movement tells whose request it was, and other programs tell nothing.
alter table stock_movements
  add column user_id text default nullif(current_setting('uzima.user_id', true), ''),
  add column request_key text default nullif(current_setting('uzima.request_key', true), ''),
  -- SHA-256 of what was asked, as in idempotency_keys.
  add column request_hash bytea default decode(nullif(current_setting('uzima.request_hash', true), ''), 'hex');
-- The last word on "never twice", whatever else fails.
create unique index stock_movements_request on stock_movements (user_id, request_key) where request_key is not null;

-- A count that found what was there makes no movement that could keep its key. Its row stays, without the answer: repeated
-- a week later, it would overwrite what others have done since.
alter table idempotency_keys add column is_kept boolean not null default false;
-- Movements of the last day do not have their keys yet.
update idempotency_keys set is_kept = true where answer -> 'value' is not null;
