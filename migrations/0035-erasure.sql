-- The erasure itself: what 0032 has opened history for.

-- What people were called when: history names who did something, and a name that has become free may be another's.
create type name_held as (name text, since timestamptz, until timestamptz);

create function names_of(person uuid) returns name_held[]
  language sql stable set search_path = public, pg_temp
  as $$
    with taken as (
      select id, key, at, lower(after ->> 'username') as name
      from record_changes where record = 'users' and after ? 'username'),
    -- The first change of who was there before changes were recorded.
    first_known as (
      select lower(before ->> 'username') as name from record_changes
      where record = 'users' and key = person::text and before ? 'username'
        and not exists (select from record_changes made
          where made.record = 'users' and made.key = person::text and made.type = 'created')
      order by id limit 1),
    his as (
      select id, at, name from taken where key = person::text
      union all
      select 0, '-infinity', name from first_known
      union all
      select 0, '-infinity', lower(username) from users
      where id = person and not exists (select from taken where key = person::text)
        and not exists (select from first_known))
    select coalesce(array_agg(row(his.name, his.at, coalesce((
        select min(at) from taken where taken.name = his.name and taken.key <> person::text and taken.id > his.id),
        'infinity'))::name_held), '{}')
    from his where his.name is not null
  $$;

create function is_named(told text, moment timestamptz, names name_held[]) returns boolean
  language sql immutable
  begin atomic
    select exists (select from unnest(names) as n where n.name = lower(told) and moment >= n.since and moment < n.until);
  end;

-- What an entry of the log says, without the name and the words of a person.
create function without_person(payload jsonb, moment timestamptz, person text, names name_held[], pseudonym text)
  returns jsonb
  language sql stable
  begin atomic
    select payload
      || case when payload ->> 'userId' = person and payload ->> 'username' is not null
        then jsonb_build_object('username', pseudonym) else '{}' end
      || case when is_named(payload ->> 'actor', moment, names) then jsonb_build_object('actor', pseudonym) else '{}' end
      || case when jsonb_typeof(payload -> 'grants') = 'array' and payload -> 'grants' <> '[]' then jsonb_build_object('grants', (
          select jsonb_agg(g || case when is_named(g ->> 'by', moment, names) then jsonb_build_object('by', pseudonym) else '{}' end
            order by place)
          from jsonb_array_elements(payload -> 'grants') with ordinality as t (g, place))) else '{}' end
      || case when jsonb_typeof(payload -> 'alert') = 'object' then jsonb_build_object('alert', (
          select case when a ->> 'acknowledgedBy' = person
              then a - 'note' || jsonb_build_object('acknowledgedByUsername', pseudonym) else a end
            || jsonb_build_object('seenBy', coalesce((
              select jsonb_agg(s || case when s ->> 'userId' = person then jsonb_build_object('username', pseudonym) else '{}' end
                order by place)
              from jsonb_array_elements(a -> 'seenBy') with ordinality as t (s, place)), '[]'))
          from (select payload -> 'alert') as t (a))) else '{}' end
      || case when jsonb_typeof(payload -> 'grant') = 'object' then jsonb_build_object('grant', (
          select g || case when g ->> 'userId' = person then jsonb_build_object('username', pseudonym) else '{}' end
            || case when g -> 'review' ->> 'by' = person
              then jsonb_build_object('review', g -> 'review' || jsonb_build_object('byUsername', pseudonym)) else '{}' end
          from (select payload -> 'grant') as t (g))) else '{}' end;
  end;

-- What a change of a record says, without the name and the words of a person. `loses_reason`, `loses_note`: of
-- a grant whose reason, whose review is his or about him.
create function change_without_person(change jsonb, record text, of_user boolean, loses_reason boolean, loses_note boolean,
  moment timestamptz, person text, names name_held[], pseudonym text) returns jsonb
  language sql stable
  begin atomic
    select change
      || case when of_user and change ? 'username' then jsonb_build_object('username', pseudonym) else '{}' end
      || case when of_user and change ? 'email'
        then jsonb_build_object('email', 'erased-' || person || '@uzima.invalid') else '{}' end
      || case when loses_reason and change ? 'reason' then '{"reason": "erased"}'::jsonb else '{}' end
      || case when loses_note and change ? 'review_note' then '{"review_note": null}'::jsonb else '{}' end
      || case when record = 'role_grants' and is_named(change ->> 'granted_by', moment, names)
        then jsonb_build_object('granted_by', pseudonym) else '{}' end
      || case when record = 'role_grants' and is_named(change ->> 'revoked_by', moment, names)
        then jsonb_build_object('revoked_by', pseudonym) else '{}' end;
  end;

-- Of evidence that is hashed with a salt of its own: without it nobody can find out what was hashed, and the hash stays.
create function forget_salts(of_kind text, refs text[]) returns void
  language plpgsql
  as $$
  begin
    if to_regclass('public.evidence') is not null then
      update evidence set salt = null where kind = of_kind and ref = any (refs) and salt is not null;
    end if;
  end $$;

-- Whether there is or was such a user.
create function is_known_person(person uuid) returns boolean
  language sql stable set search_path = public, pg_temp
  as $$
    select exists (select from users where id = person)
      or exists (select from record_changes where record = 'users' and key = person::text)
      or exists (select from connection_log where user_id = person::text)
  $$;

-- By what rows name a person: his id, and those of his sessions and grants.
create function ids_of_person(person uuid) returns text[]
  language plpgsql stable set search_path = public, pg_temp
  as $$
  declare
    ids text[] := person::text || array(select id::text from sessions where user_id = person);
  begin
    if to_regclass('public.role_grants') is not null then
      ids := ids || array(
        select id::text from role_grants
        where person in (user_id, reviewed_by) or is_named(granted_by, created_at, names_of(person)));
    end if;
    return ids;
  end $$;

-- Takes a person's texts out of everything that is kept, for good; returns how many rows of which table lost one. Only of a
-- user who is deactivated or deleted. May be repeated: nothing is left to lose then, but what has come since.
create function erase_person(person uuid, why text default null) returns jsonb
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    his constant text := person::text;
    by_whom constant text := log_actor();
    address constant text := 'erased-' || his || '@uzima.invalid';
    pseudonym text := 'erased-' || left(his, 8);
    was users;
    names name_held[];
    called text[];
    this bigint;
    n bigint;
    ids text[];
    reasons_of_his uuid[];
    notes_of_his uuid[];
    open_alerts bigint[];
    lost jsonb := '{}';
  begin
    -- The upkeep locks old entries in another order, and whoever hashes evidence must not have read what goes here.
    perform pg_advisory_xact_lock(7241993002), pg_advisory_xact_lock(7241993031);
    select * into was from users where id = person for update;
    if was.is_active then
      raise exception 'User % is active.', person using hint = 'Deactivate the user first.', errcode = 'object_in_use';
    end if;
    if not is_known_person(person) then
      raise exception 'There is no user %.', person using errcode = 'no_data_found';
    end if;
    names := names_of(person);
    select array_agg(name) into called from unnest(names);
    -- Whoever makes users with ids of his own may have two that begin alike.
    if exists (select from users where lower(username) = pseudonym and id <> person) then
      pseudonym := 'erased-' || his;
    end if;
    insert into erasures (user_id, actor, reason) values (person, by_whom, why) returning id into this;

    update users set username = pseudonym, email = address, password_hash = null
      where id = person and (username, email) is distinct from (pseudonym, address);
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('users', n);
    delete from sessions where user_id = person;
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('sessions', n);
    delete from login_places where user_id = person;
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('login_places', n);
    -- The keys that are kept stay: a count must not be repeated.
    update idempotency_keys set answer = null where user_id = his and is_kept and answer is not null;
    delete from idempotency_keys where user_id = his and not is_kept;
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('idempotency_keys', n);

    update connection_log set ip = null, user_agent = null, origin = null, salt = null,
        texts_hash = connection_log_texts_hash(salt, ip, user_agent, origin)
      where user_id = his and texts_hash is null;
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('connection_log', n);

    with changed as (
      update stock_movements as m set actor = pseudonym, reason = null
        where (m.user_id = his or (m.user_id is null and lower(m.actor) = any (called) and is_named(m.actor, m.at, names)))
          and (m.actor, m.reason) is distinct from (pseudonym, null)
        returning m.id)
    select array_agg(id::text) into ids from changed;
    perform forget_salts('stock_movement', ids);
    lost := lost || jsonb_build_object('stock_movements', coalesce(cardinality(ids), 0));

    with changed as (
      update revocations as r set actor = pseudonym
        where lower(r.actor) = any (called) and r.actor <> pseudonym and is_named(r.actor, r.committed_at, names)
        returning r.seq)
    select array_agg(seq::text) into ids from changed;
    perform forget_salts('revocation', ids);
    lost := lost || jsonb_build_object('revocations', coalesce(cardinality(ids), 0));

    select array_agg(id order by id) filter (where resolved_at is null) into open_alerts
      from (
        select id, resolved_at from alerts a
        where acknowledged_by = person or exists (select from alert_seen s where s.alert_id = a.id and s.user_id = person)
        order by id for no key update) as touched;
    update alerts set acknowledged_by_name = pseudonym, note = null
      where acknowledged_by = person and (acknowledged_by_name, note) is distinct from (pseudonym, null);
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('alerts', n);
    update alert_seen set username = pseudonym where user_id = person and username <> pseudonym;
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('alert_seen', n);
    perform log_touch('alert', id::text, '{"op": "erased"}') from unnest(open_alerts) as id;

    if to_regclass('public.role_grants') is not null then
      select array_agg(g.id) filter (where g.user_id = person or is_named(g.granted_by, g.created_at, names)),
          array_agg(g.id) filter (where g.user_id = person or g.reviewed_by = person)
        into reasons_of_his, notes_of_his from role_grants g;
      with changed as (
        update role_grants as g set
            reason = case when g.id = any (reasons_of_his) then 'erased' else g.reason end,
            review_note = case when g.id = any (notes_of_his) then null else g.review_note end,
            granted_by = case when is_named(g.granted_by, g.created_at, names) then pseudonym else g.granted_by end,
            revoked_by = case when is_named(g.revoked_by, g.revoked_at, names) then pseudonym else g.revoked_by end
          where g.id = any (reasons_of_his || notes_of_his) or is_named(g.revoked_by, g.revoked_at, names)
        returning g.id)
      select array_agg(id::text) into ids from changed;
      perform forget_salts('grant', ids);
      lost := lost || jsonb_build_object('role_grants', coalesce(cardinality(ids), 0));
    end if;
    if to_regclass('public.right_changes') is not null then
      with changed as (
        update right_changes as c set
            username = case when c.user_id = his then null else c.username end,
            actor = without_person(jsonb_build_object('actor', c.actor), c.at, his, names, pseudonym) ->> 'actor',
            grants = without_person(jsonb_build_object('grants', c.grants), c.at, his, names, pseudonym) -> 'grants'
          where (c.user_id = his and c.username is not null) or is_named(c.actor, c.at, names)
            or without_person(jsonb_build_object('grants', c.grants), c.at, his, names, pseudonym) -> 'grants' <> c.grants
          returning c.seq, c.user_id)
      select array_agg(seq::text || ':' || user_id) into ids from changed;
      perform forget_salts('right_change', ids);
      lost := lost || jsonb_build_object('right_changes', coalesce(cardinality(ids), 0));
    end if;

    -- After users and grants, whose change is noted with what it was before.
    with changed as (
      update record_changes as c set
          before = change_without_person(c.before, c.record, of_user, loses_reason, loses_note, c.at, his, names, pseudonym),
          after = change_without_person(c.after, c.record, of_user, loses_reason, loses_note, c.at, his, names, pseudonym),
          actor = case when by_him then pseudonym else c.actor end,
          reason = case when not by_him and not of_user then c.reason end
        from (
          select t.id, t.record = 'users' and t.key = his as of_user, is_named(t.actor, t.at, names) as by_him,
            t.record = 'role_grants' and t.key = any (reasons_of_his::text[]) as loses_reason,
            t.record = 'role_grants' and t.key = any (notes_of_his::text[]) as loses_note
          from record_changes t
          where (t.record = 'users' and t.key = his) or t.record = 'role_grants' or lower(t.actor) = any (called)) as t
        where t.id = c.id and (of_user or by_him or c.record = 'role_grants')
          and (c.before, c.after, c.actor, c.reason) is distinct from (
            change_without_person(c.before, c.record, of_user, loses_reason, loses_note, c.at, his, names, pseudonym),
            change_without_person(c.after, c.record, of_user, loses_reason, loses_note, c.at, his, names, pseudonym),
            case when by_him then pseudonym else c.actor end,
            case when not by_him and not of_user then c.reason end)
        returning c.id)
    select array_agg(id::text) into ids from changed;
    perform forget_salts('record_change', ids);
    lost := lost || jsonb_build_object('record_changes', coalesce(cardinality(ids), 0));

    update event_log as e set payload = without_person(e.payload, e.at, his, names, pseudonym)
      where e.name in ('user:changed', 'session:ended', 'alert:raised', 'alert:changed', 'break_glass:opened', 'break_glass:reviewed')
        and e.payload <> without_person(e.payload, e.at, his, names, pseudonym);
    get diagnostics n = row_count;
    lost := lost || jsonb_build_object('event_log', n);
    update event_log as e set payload = e.payload || jsonb_build_object('grant', told
        || case when (told ->> 'id')::uuid = any (reasons_of_his) then '{"reason": "erased"}' else '{}'::jsonb end
        || case when (told ->> 'id')::uuid = any (notes_of_his) and jsonb_typeof(told -> 'review') = 'object'
          then jsonb_build_object('review', told -> 'review' || '{"note": "erased"}') else '{}' end)
      from (select seq, payload -> 'grant' as told from event_log where name in ('break_glass:opened', 'break_glass:reviewed')) as t
      where t.seq = e.seq and ((told ->> 'id')::uuid = any (reasons_of_his) or (told ->> 'id')::uuid = any (notes_of_his));

    update erasures as e set actor = pseudonym, reason = null
      where e.rows is not null and lower(e.actor) = any (called) and is_named(e.actor, e.at, names);
    -- The nodes forget the name that they know.
    perform log_touch('user', his, jsonb_build_object('op', 'erased', 'actor', by_whom, 'ended', null));
    update erasures as e set rows = lost where e.id = this;
    return lost;
  end
  $$;
-- A service that connects as another role than the owner needs: grant execute on function erase_person to it.
revoke execute on function erase_person from public;
