-- Answers of requests that carried an Idempotency-Key, written in the transaction of the change they answer: a retry
-- after a lost connection finds either both or neither.

create table idempotency_keys (
  user_id text not null,
  key text not null,
  -- SHA-256 of what was asked: the same key with another request is refused.
  request_hash bytea not null,
  -- { "value": ... } or { "refusal": { code, detail, details } }; json, not jsonb, so that it is repeated byte for byte.
  -- Null only inside the transaction that still works on it.
  answer json,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);
