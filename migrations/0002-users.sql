-- Users and their login sessions. A change of either is an entry of the log, in one order with the stock.

create table users (
  id uuid primary key default gen_random_uuid(),
  username text not null check (username <> ''),
  email text not null check (email <> ''),
  role text not null
    check (role in ('admin', 'inventory_manager', 'pharmacist', 'doctor', 'educator', 'patient')),
  is_active boolean not null default true,
  -- argon2id, PHC string. Null: no login by password; tokens of another issuer still serve.
  password_hash text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Tokens issued before this moment are refused. Set it to end all sessions of the user.
  tokens_not_before timestamptz,
  -- Counts what ended the user's sessions. Our own tokens carry it, so that no clock decides whether one is older.
  auth_version integer not null default 1
);
create unique index users_username_key on users (lower(username));
create unique index users_email_key on users (lower(email));

create function users_before_update() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    new.updated_at := clock_timestamp();
    if new.password_hash is distinct from old.password_hash or (old.is_active and not new.is_active) then
      new.tokens_not_before := clock_timestamp();
    end if;
    if new.tokens_not_before is distinct from old.tokens_not_before then
      new.auth_version := old.auth_version + 1;
    end if;
    return new;
  end $$;
create trigger users_before_update before update on users
  for each row when (old.* is distinct from new.*) execute function users_before_update();

-- `ended` names the right that the change takes away, if any: it is what a revocation's proof tells.
create function users_touched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    ended text := case
      when tg_op = 'INSERT' then null
      when tg_op = 'DELETE' or new.id is distinct from old.id then 'deleted'
      when old.is_active and not new.is_active then 'deactivated'
      when new.password_hash is distinct from old.password_hash then 'password'
      when new.auth_version is distinct from old.auth_version then 'revoked'
      when new.role is distinct from old.role then 'role'
    end;
  begin
    if tg_op in ('UPDATE', 'DELETE') then
      perform log_touch('user', old.id::text,
        jsonb_build_object('op', lower(tg_op), 'actor', log_actor(), 'ended', ended));
    end if;
    if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.id is distinct from old.id) then
      perform log_touch('user', new.id::text, jsonb_build_object('op', lower(tg_op), 'actor', log_actor()));
    end if;
    return null;
  end $$;
create trigger users_inserted after insert or delete on users
  for each row execute function users_touched();
create trigger users_updated after update on users
  for each row when (old.* is distinct from new.*) execute function users_touched();
create trigger users_truncate before truncate on users execute function refuse_truncate();

-- One row per login; its refresh tokens form one family.
create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  -- The user's auth_version at login. Once they differ the session cannot be refreshed; no clock decides it.
  auth_version integer not null,
  -- When the newest access token of the session ends by itself.
  access_expires_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text
);
create index sessions_user on sessions (user_id) where ended_at is not null;

-- Only a hash: whoever reads the table cannot refresh with it.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);
create index refresh_tokens_expires on refresh_tokens (expires_at);

create function sessions_ended() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    perform log_touch('session', new.id::text, jsonb_build_object('userId', new.user_id, 'actor', log_actor()));
    return null;
  end $$;
create trigger sessions_ended after update on sessions
  for each row when (old.ended_at is null and new.ended_at is not null)
  execute function sessions_ended();

-- The user as committed. Deleted: nobody, so that a node refuses what it cannot find.
create function log_user_entries(user_key text, changes jsonb) returns setof log_entry
  language sql set search_path = public, pg_temp
  as $$
    select 'user:changed', 'user:' || user_key, jsonb_build_object(
      'userId', user_key,
      'username', u.username,
      'role', u.role,
      'isActive', coalesce(u.is_active, false),
      'deleted', u.id is null,
      'authVersion', u.auth_version,
      'tokensNotBefore', iso_time(u.tokens_not_before),
      'ended', (select string_agg(distinct change ->> 'ended', ', ' order by change ->> 'ended')
        from jsonb_array_elements(changes) as change),
      'actor', changes -> -1 ->> 'actor')
    from (select user_key::uuid as id) as touched left join users u on u.id = touched.id
  $$;

create function log_session_entries(session_key text, changes jsonb) returns setof log_entry
  language sql set search_path = public, pg_temp
  as $$
    select 'session:ended', 'user:' || (changes -> -1 ->> 'userId'), jsonb_build_object(
      'userId', changes -> -1 ->> 'userId',
      'sessionId', session_key,
      'actor', changes -> -1 ->> 'actor')
  $$;
