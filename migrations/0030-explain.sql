-- What is needed to say, years later, whether an entry of the log was for somebody: who had which right at which number, and of
-- an entry that retention has taken its header. Both are written with what they tell of, so they cannot disagree with it.

-- Every change of what a user may see, by its number. It outlives the log's retention and the user.
create table right_changes (
  seq bigint not null,
  user_id text not null,
  -- Null once it was erased on request.
  username text,
  -- Null: deleted.
  role text,
  -- What is in force from here on, the base role and what is granted.
  roles text[] not null,
  is_active boolean not null,
  deleted boolean not null,
  ended text,
  -- Null: how it was when this record began; who made it so is not known.
  actor text,
  -- Those in force: id, role, kind, from, until, by.
  grants jsonb not null default '[]',
  at timestamptz not null,
  -- Not the number alone: those who were there when the record began share one.
  primary key (user_id, seq)
);

-- From this number on, who has no row had no account.
create table right_changes_since (
  singleton boolean primary key default true check (singleton),
  seq bigint not null,
  at timestamptz not null default clock_timestamp()
);

create function note_right_change() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    granted constant jsonb := new.payload -> 'roles';
  begin
    insert into right_changes (seq, user_id, username, role, roles, is_active, deleted, ended, actor, grants, at)
    values (new.seq, new.payload ->> 'userId', new.payload ->> 'username', new.payload ->> 'role',
      -- Nodes of the version before write no `roles`.
      case when jsonb_typeof(granted) = 'array'
        then array(select jsonb_array_elements_text(granted) order by 1)
        else array_remove(array[new.payload ->> 'role'], null) end,
      coalesce((new.payload ->> 'isActive')::boolean, false), coalesce((new.payload ->> 'deleted')::boolean, false),
      new.payload ->> 'ended', coalesce(new.payload ->> 'actor', 'unknown'),
      case when jsonb_typeof(new.payload -> 'grants') = 'array' then new.payload -> 'grants' else '[]' end, new.at)
    on conflict do nothing;
    return null;
  end $$;
create trigger note_right_change after insert on event_log
  for each row when (new.name = 'user:changed' and new.payload ? 'userId')
  execute function note_right_change();

-- No commit between here and the end of this migration: the record has no hole.
lock table event_log in share row exclusive mode;
insert into right_changes_since (seq) select seq from log_head;
insert into right_changes (seq, user_id, username, role, roles, is_active, deleted, ended, actor, at)
  select seq, payload ->> 'userId', payload ->> 'username', payload ->> 'role',
    array_remove(array[payload ->> 'role'], null), coalesce((payload ->> 'isActive')::boolean, false),
    coalesce((payload ->> 'deleted')::boolean, false), payload ->> 'ended', coalesce(payload ->> 'actor', 'unknown'), at
  from event_log where name = 'user:changed' and payload ? 'userId';
-- Whom the log has not told of since its beginning has been since then as he is.
insert into right_changes (seq, user_id, username, role, roles, is_active, deleted, at)
  select h.trimmed_seq, u.id::text, u.username, u.role, array[u.role], u.is_active, false,
    coalesce((select at from event_log order by seq limit 1), clock_timestamp())
  from users u cross join log_head h
  where not exists (select from right_changes c where c.user_id = u.id::text);

-- A name may be taken out on request, nothing else is ever changed.
create function right_changes_is_history() returns trigger
  language plpgsql
  as $$
  declare
    erased right_changes := old;
  begin
    erased.username := null;
    if new is distinct from erased then
      raise exception 'right_changes is history: rows are never changed.';
    end if;
    return new;
  end $$;
create trigger right_changes_is_history before update on right_changes
  for each row execute function right_changes_is_history();
create trigger right_changes_truncate before truncate on right_changes execute function refuse_truncate();

-- What is kept of an entry that retention removes.
create table entry_headers (
  seq bigint primary key,
  name text not null,
  audience text not null,
  -- What it is about: a sku, the id of an alert or of a user.
  ref text,
  at timestamptz not null
);
create index entry_headers_ref on entry_headers (ref, seq);
create index entry_headers_at on entry_headers (at);
create trigger entry_headers_is_history before update on entry_headers
  for each row execute function refuse_rewrite();
create trigger entry_headers_truncate before truncate on entry_headers execute function refuse_truncate();

create function entry_ref(payload jsonb) returns text
  language sql immutable parallel safe
  return coalesce(payload -> 'item' ->> 'sku', payload ->> 'sku', payload -> 'alert' ->> 'id', payload ->> 'userId');

-- Every entry that is known of, the newest ones out of the log itself.
create view log_headers as
  select seq, name, audience, ref, at from entry_headers
  union all
  select seq, name, audience, entry_ref(payload), at from event_log;

-- As in 0026, and headers stay behind, whoever removes the entries.
create or replace function event_log_trimmed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    last constant bigint := (select max(seq) from gone);
  begin
    if last is null then
      return null;
    end if;
    if (select min(seq) from event_log where seq < last) is not null or (select max(seq) from event_log) is null then
      raise exception 'event_log is history: entries go from the beginning only, and the newest stays.';
    end if;
    insert into entry_headers (seq, name, audience, ref, at)
      select seq, name, audience, entry_ref(payload), at from gone order by seq
      on conflict do nothing;
    -- The row that every commit waits for: at the end of the statement.
    update log_head set trimmed_seq = greatest(trimmed_seq, last);
    return null;
  end $$;

-- Old records go with the connection log's retention: of a user's rights what a later row, as old, has replaced; at most
-- max_rows of each at a time. Returns how many went; call it until it returns 0.
create function prune_explain_records(older_than timestamptz, max_rows integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    headers integer;
    changes integer;
  begin
    if older_than > connection_log_youngest_prunable() then
      raise exception 'Records of who could see what are kept at least 30 days.' using hint = 'Give an earlier time.';
    end if;
    if not pg_try_advisory_xact_lock(7241993030) then
      return 0;
    end if;
    delete from entry_headers where seq in (
      select seq from entry_headers where at < older_than order by at limit max_rows);
    get diagnostics headers = row_count;
    delete from right_changes where (user_id, seq) in (
      select c.user_id, c.seq from right_changes c
      where c.at < older_than and exists (
        select from right_changes n where n.user_id = c.user_id and n.seq > c.seq and n.at < older_than)
      limit max_rows);
    get diagnostics changes = row_count;
    return headers + changes;
  end $$;
-- A service that connects as another role than the owner needs: grant execute on function prune_explain_records to it.
revoke execute on function prune_explain_records from public;

-- The last sign of life before others took the run for dead: to close its sockets in the log is a sign of life, too, and not
-- its own.
alter table nodes add column last_sign_at timestamptz;
