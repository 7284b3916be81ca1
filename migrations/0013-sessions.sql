-- A session that is gone has ended: deleting its row does what ending it does, and what would move a right without saying
-- so is refused.

-- The index of the foreign key: a user's sessions are found by him, all of them.
drop index sessions_user;
create index sessions_user on sessions (user_id);

create function sessions_guard() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if (new.id, new.user_id, new.auth_version) is distinct from (old.id, old.user_id, old.auth_version) then
      raise exception 'A session keeps its id, its user and his auth_version: tokens that are signed name them.'
        using hint = 'End it: set ended_at, or DELETE.';
    end if;
    if old.ended_at is not null
      and (new.ended_at, new.access_expires_at) is distinct from (old.ended_at, old.access_expires_at)
    then
      raise exception 'A session that has ended stays ended.' using hint = 'The user has to log in again.';
    end if;
    if new.access_expires_at < old.access_expires_at then
      raise exception 'A token that is signed does not get shorter: access_expires_at only grows.'
        using hint = 'To end the session, set ended_at, or DELETE.';
    end if;
    -- It ends with the COMMIT, whatever the writer's clock says. (least() of null and now is now.)
    if new.ended_at is not null then
      new.ended_at := least(new.ended_at, clock_timestamp());
    end if;
    return new;
  end $$;
create trigger sessions_guard before update on sessions
  for each row when (old.* is distinct from new.*) execute function sessions_guard();

-- Before: the refresh tokens still tell whether anything could have gone on. Not told are sessions that no token belongs to
-- any more (what upkeep removes), and those that go with their user, whose own entry ends everything.
create function sessions_deleted() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    if old.ended_at is null
      and exists (select from users where id = old.user_id)
      and (old.access_expires_at > clock_timestamp() - interval '1 hour' or exists (
        select from refresh_tokens
        where session_id = old.id and used_at is null and expires_at > clock_timestamp()))
    then
      perform log_touch('session', old.id::text, jsonb_build_object('userId', old.user_id, 'actor', log_actor()));
    end if;
    return old;
  end $$;
create trigger sessions_deleted before delete on sessions
  for each row execute function sessions_deleted();
create trigger sessions_truncate before truncate on sessions execute function refuse_truncate();

create function refresh_tokens_guard() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'A refresh token keeps its session, and one that was used stays used.'
      using hint = 'DELETE it: its session is then not refreshed by it.';
  end $$;
create trigger refresh_tokens_guard before update on refresh_tokens
  for each row
  when (new.token_hash <> old.token_hash or new.session_id <> old.session_id
    or (old.used_at is not null and new.used_at is null))
  execute function refresh_tokens_guard();

-- From where a user has shown his password: there, strangers' guesses elsewhere do not lock him out.
create table login_places (
  user_id uuid not null references users (id) on delete cascade,
  -- An IPv4 address, or the /64 of an IPv6 one.
  place text not null,
  proved_at timestamptz not null default clock_timestamp(),
  primary key (user_id, place)
);

-- The log's own rows, for whoever deletes them: old entries go from the beginning only, and the head says so, so that a
-- client that was away is told to read the snapshot instead of missing what is gone.
create function event_log_trimmed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    last constant bigint := (select max(seq) from gone);
  begin
    if last is null then
      return null;
    end if;
    if exists (select from event_log where seq < last) or not exists (select from event_log) then
      raise exception 'event_log is history: entries go from the beginning only, and the newest stays.';
    end if;
    -- The row that every commit waits for: at the end of the statement.
    update log_head set trimmed_seq = greatest(trimmed_seq, last);
    return null;
  end $$;
create trigger event_log_trimmed after delete on event_log
  referencing old table as gone for each statement execute function event_log_trimmed();

create function log_head_goes_on() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'The numbers of the log only go up, and its head stays: % is refused.', tg_op
      using hint = 'After a restore: select start_new_epoch().';
  end $$;
create trigger log_head_stays before delete on log_head for each row execute function log_head_goes_on();
create trigger log_head_goes_on before update on log_head
  for each row when (new.seq < old.seq or new.trimmed_seq < old.trimmed_seq) execute function log_head_goes_on();
create trigger log_head_truncate before truncate on log_head execute function refuse_truncate();

-- Without the row the days end by UTC, from now on.
create trigger settings_zone_deleted after delete on settings
  for each row when (old.name = 'time_zone') execute function settings_zone_changed();
create trigger settings_zone_renamed after update on settings
  for each row when (old.name = 'time_zone' and new.name <> 'time_zone') execute function settings_zone_changed();
create trigger settings_truncate before truncate on settings execute function refuse_truncate();
