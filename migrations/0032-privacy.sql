-- A person's texts can be taken out of everything that is kept, and what is kept still proves itself: ids, numbers, times and
-- roles stay.
--
-- Nodes of the version before write rows of connection_log of the first kind beside those of the second, in one chain, and
-- read both. Their `uzima audit verify` computes every row by the first kind and so names the first row of the second kind as
-- "edited": verify with this version, which knows both, from the first node of it on.

-- A row of the second kind: its hash covers sha256(salt || [ip, user_agent, origin]) instead of the three, so that who has no
-- salt cannot try addresses until one fits. Null: a row of the first kind, or one that was erased.
alter table connection_log add column salt bytea;
-- Only of an erased row: what stood for its texts, from which its hash can still be computed. Empty where the row is of the
-- first kind: its hash covers the texts themselves, so of it only the links to its neighbours are left to prove.
alter table connection_log add column texts_hash bytea;

-- The JSON array is to the letter what JSON.stringify makes: see textsHash.
create function connection_log_texts_hash(salt bytea, ip text, user_agent text, origin text) returns bytea
  language sql immutable
  begin atomic
    select case when salt is null then ''::bytea else sha256(convert_to(encode(salt, 'hex') || '['
      || coalesce(to_json(ip)::text, 'null') || ',' || coalesce(to_json(user_agent)::text, 'null') || ','
      || coalesce(to_json(origin)::text, 'null') || ']', 'UTF8')) end;
  end;

-- Who was erased, when, by whom and why. It has no text of the erased person.
create table erasures (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  reason text,
  -- How many rows of which table lost a text. Null only inside of erase_person(): while it is, history lets texts go.
  rows jsonb
);
create index erasures_user on erasures (user_id);
create index erasures_under_way on erasures (id) where rows is null;

create function erasures_are_history() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    -- erase_person() ends its own, and takes the name of an administrator out of the others.
    if tg_op = 'UPDATE' and new.id = old.id and new.user_id = old.user_id and new.at = old.at and is_erasing()
      and (new.rows = old.rows or old.rows is null)
    then
      return new;
    end if;
    raise exception 'erasures is history: rows are never changed.';
  end $$;
create trigger erasures_are_history before update or delete on erasures
  for each row execute function erasures_are_history();
-- Nothing may stay open.
create function erasures_end() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if exists (select from erasures where id = new.id and rows is null) then
      raise exception 'Erasures are written by erase_person() alone.';
    end if;
    return null;
  end $$;
create constraint trigger erasures_end after insert on erasures
  deferrable initially deferred for each row execute function erasures_end();
create trigger erasures_truncate before truncate on erasures execute function refuse_truncate();

-- Whether this transaction is inside of erase_person().
create function is_erasing() returns boolean
  language sql stable security definer set search_path = public, pg_temp
  as $$ select exists (select from erasures where rows is null) $$;

-- The columns that hold texts of people, of the tables whose rows nobody else changes.
create function columns_of_people(table_name text) returns text[]
  language sql immutable
  begin atomic
    select case table_name
      when 'connection_log' then array['ip', 'user_agent', 'origin', 'salt', 'texts_hash']
      when 'event_log' then array['payload']
      when 'stock_movements' then array['actor', 'reason']
      when 'record_changes' then array['before', 'after', 'actor', 'reason']
      when 'revocations' then array['actor']
      when 'alert_seen' then array['username']
      else '{}' end;
  end;

-- Whether an update of history takes nothing but texts of people out of a row, from inside of erase_person().
create function only_erases(table_name text, old_row jsonb, new_row jsonb) returns boolean
  language sql stable
  begin atomic
    select is_erasing() and old_row - columns_of_people(table_name) = new_row - columns_of_people(table_name);
  end;

create or replace function refuse_rewrite() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if tg_op = 'UPDATE' and only_erases(tg_table_name, to_jsonb(old), to_jsonb(new)) then
      return new;
    end if;
    raise exception '% is history: rows are never changed.', tg_table_name;
  end $$;

create or replace function revocations_is_history() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if tg_op = 'UPDATE' and only_erases(tg_table_name, to_jsonb(old), to_jsonb(new)) then
      return new;
    end if;
    raise exception '% is evidence: rows are never changed.', tg_table_name;
  end $$;

-- A row may go only with retention: old enough, and cut off by an anchor that the chain continues from. Its texts may go with
-- their person, and leave what stood for them in its hash.
create or replace function connection_log_append_only() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if tg_op = 'DELETE' then
      if old.at < connection_log_youngest_prunable() and exists (
        select from connection_log_anchors where node_run = old.node_run and node_seq >= old.node_seq)
      then
        return old;
      end if;
    elsif tg_op = 'UPDATE' then
      if old.texts_hash is null and num_nonnulls(new.ip, new.user_agent, new.origin, new.salt) = 0
        and new.texts_hash = connection_log_texts_hash(old.salt, old.ip, old.user_agent, old.origin)
        and only_erases('connection_log', to_jsonb(old), to_jsonb(new))
        and exists (select from erasures where rows is null and user_id::text = old.user_id)
      then
        return new;
      end if;
    end if;
    raise exception 'connection_log is append-only: % is refused.', tg_op
      using hint = 'Old rows are removed by prune_connection_log().';
  end $$;

-- What keeps people from writing these rows has nothing to say to erase_person().
drop trigger alerts_before_update on alerts;
create trigger alerts_before_update before update on alerts
  for each row when (pg_trigger_depth() = 0 and not is_erasing()) execute function alerts_before_update();
do $$
begin
  if to_regclass('public.role_grants') is not null then
    execute 'drop trigger role_grants_before_write on role_grants';
    execute 'create trigger role_grants_before_write before insert or update on role_grants
      for each row when (not is_erasing()) execute function role_grants_before_write()';
  end if;
  if to_regclass('public.right_changes') is not null then
    execute 'drop trigger right_changes_is_history on right_changes';
    execute 'create trigger right_changes_is_history before update on right_changes
      for each row when (not is_erasing()) execute function right_changes_is_history()';
  end if;
end $$;
