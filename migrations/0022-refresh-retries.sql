-- A refresh token whose answer was lost comes again. Which token was given for which tells that from a theft.

-- The hash of the token that this one was given for. Null after a log-in, and from before this migration: those are not
-- retried. What is given for the same token again takes the place of the one before, which is used up with it.
alter table refresh_tokens add column replaces bytea;

drop trigger refresh_tokens_guard on refresh_tokens;
create trigger refresh_tokens_guard before update on refresh_tokens
  for each row
  when (new.token_hash <> old.token_hash or new.session_id <> old.session_id
    or new.replaces is distinct from old.replaces
    or (old.used_at is not null and new.used_at is null))
  execute function refresh_tokens_guard();

-- Both are kept in record_changes, which is never trimmed: whether a token was retried or stolen is judged afterwards.
create function refresh_token_retried() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    if exists (select from refresh_tokens
      where session_id = new.session_id and replaces = new.replaces and token_hash <> new.token_hash)
    then
      insert into record_changes (record, key, type, before, after, actor, reason)
      values ('sessions', new.session_id::text, 'updated', '{}', '{"refresh_token": "retried"}', log_actor(),
        nullif(current_setting('uzima.reason', true), ''));
    end if;
    return null;
  end $$;
create trigger refresh_token_retried after insert on refresh_tokens
  for each row when (new.replaces is not null) execute function refresh_token_retried();

create function refresh_token_reused() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    insert into record_changes (record, key, type, before, after, actor, reason)
    values ('sessions', new.id::text, 'updated', '{}', '{"refresh_token": "reused"}', log_actor(),
      nullif(current_setting('uzima.reason', true), ''));
    return null;
  end $$;
create trigger refresh_token_reused after update on sessions
  for each row
  when (old.ended_at is null and new.ended_at is not null and new.end_reason = 'refresh_token_reused')
  execute function refresh_token_reused();
