-- Break glass: in an emergency somebody takes a role for at most an hour by himself. It is a grant (migration 0028) that administrators
-- hear of in the log, whoever wrote it, and that stays open until somebody else has closed its review.

-- It is for the stock: with the rights of an administrator he could close what he has opened, through another account.
alter table role_grants add constraint role_grants_emergency_role check (kind <> 'break_glass' or role <> 'admin');
create index role_grants_break_glass on role_grants (valid_from desc, id desc) where kind = 'break_glass';
create index role_grants_of_user_key on role_grants ((user_id::text)) where kind = 'break_glass';
create index role_grants_unreviewed on role_grants (user_id) where kind = 'break_glass' and reviewed_by is null;
-- What was done between two numbers, or two moments. Rows are appended in that order, so an index of ranges serves, and costs nothing
-- to write.
create index stock_movements_seq on stock_movements using brin (seq) with (pages_per_range = 16);
create index record_changes_at on record_changes using brin (at) with (pages_per_range = 16);

-- Those that have come into force. From `began_seq` on, and before `ended_seq` where there is one, what the user does is done under it.
create view break_glass as
  select g.id, g.user_id::text as user_id, coalesce(u.username, g.granted_by) as username, g.valid_from, g.reviewed_by is null as is_open,
    start.seq as began_seq, start.at as began_at, stop.seq as ended_seq, stop.at as ended_at,
    jsonb_build_object(
      'id', g.id, 'userId', g.user_id, 'username', coalesce(u.username, g.granted_by), 'role', g.role,
      'state', case when stop.seq is null then 'active' else 'ended' end,
      'validFrom', iso_time(g.valid_from), 'validUntil', iso_time(g.valid_until), 'reason', g.reason,
      'beganSeq', start.seq, 'endedSeq', stop.seq, 'endedAt', iso_time(stop.at),
      'review', case when g.reviewed_by is not null then jsonb_build_object(
        'by', g.reviewed_by, 'byUsername', r.username, 'at', iso_time(g.reviewed_at), 'note', g.review_note) end) as told
  from role_grants g
  join grant_edges start on start.grant_id = g.id and start.edge = 'begin'
  left join grant_edges stop on stop.grant_id = g.id and stop.edge <> 'begin'
  left join users u on u.id = g.user_id
  left join users r on r.id = g.reviewed_by
  where g.kind = 'break_glass';

-- Who may close a review, whoever writes it: an administrator of now, not the user himself, nobody with a review of his own to be
-- closed (two could close each other's), and only of what is over.
create function role_grants_reviewed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    if not exists (select from grant_edges where grant_id = new.id and edge <> 'begin') then
      raise exception 'It is reviewed when it is over.' using errcode = 'check_violation', constraint = 'review_when_over',
        hint = 'Set revoked_at first, and review it in another transaction.';
    end if;
    perform from users u join user_roles r on r.user_id = u.id
      where u.id = new.reviewed_by and u.is_active and 'admin' = any (r.roles);
    if not found or new.reviewed_by = new.user_id
      or exists (select from break_glass b where b.user_id = new.reviewed_by::text and b.is_open)
    then
      raise exception 'Somebody else has to close this review.' using errcode = 'check_violation',
        constraint = 'review_by_another', hint = 'An active administrator who has no open review himself.';
    end if;
    new.review_note := tidy_text(new.review_note, 'review_note');
    if new.review_note is null then
      raise exception 'A review needs a note.' using errcode = 'check_violation';
    end if;
    return new;
  end $$;
create trigger role_grants_reviewed before update on role_grants
  for each row when (old.reviewed_by is null and new.reviewed_by is not null) execute function role_grants_reviewed();

create function role_grants_review_told() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    perform log_touch('grant', new.user_id::text, jsonb_build_object('grant', new.id, 'actor', log_actor(), 'reviewed', true));
    return null;
  end $$;
create trigger role_grants_review_told after update on role_grants
  for each row when (old.reviewed_by is distinct from new.reviewed_by) execute function role_grants_review_told();

-- Numbers, from `first_seq` on, what concerns rights: what time has brought about since the last commit, moment by moment, then what
-- this transaction did, and of it what administrators hear. Returns how many entries that were. The head is locked, so every grant that was committed is seen here,
-- and nobody numbers the same edge. `next_edge` is what the head says; no edge before it is left.
create or replace function write_rights(noted log_noted[], first_seq bigint, moment timestamptz, next_edge timestamptz) returns integer
  language plpgsql
  as $$
  declare
    own constant uuid[] := array(
      select distinct (change ->> 'grant')::uuid from unnest(noted) where kind = 'grant' and change ? 'grant');
    moves_edge constant boolean := next_edge <= moment or cardinality(own) > 0;
    last_seq bigint := first_seq - 1;
    begun uuid[] := '{}';
    told record;
  begin
    if next_edge <= moment then
      for told in
        select due_at, user_id, bool_or(edge = 'end') as has_end, array_agg(id) as ids, array_agg(edge) as edges
        from (
          select id, user_id, 'begin' as edge, valid_from as due_at from role_grants
          where revoked_at is null and valid_from >= next_edge and valid_from <= moment
          union all
          select id, user_id, 'end', valid_until from role_grants
          where revoked_at is null and valid_until >= next_edge and valid_until <= moment) as due
        where id <> all (own)
          and not exists (select from grant_edges e where e.grant_id = due.id and e.edge = due.edge)
        group by due_at, user_id order by due_at, user_id
      loop
        last_seq := last_seq + 1;
        insert into grant_edges select id, edge, told.due_at, last_seq, moment from unnest(told.ids, told.edges) as e (id, edge);
        begun := begun || array(select id from unnest(told.ids, told.edges) as e (id, edge) where edge = 'begin');
        insert into event_log (seq, name, audience, payload, at)
          select last_seq, name, audience, payload || jsonb_build_object(
            'seq', last_seq, 'timestamp', iso_time(moment), 'dueAt', iso_time(told.due_at)), moment
          from log_user_entries(told.user_id::text, jsonb_build_array(
            jsonb_build_object('actor', 'time', 'ended', case when told.has_end then 'grant' end)));
      end loop;
    end if;

    -- One entry of each user, whatever was done to him and to his grants. One that is over before it was in force is none.
    for told in
      select key, jsonb_agg(change order by position) as changes,
        array_agg(id) filter (where id is not null) as ids, array_agg(edge) filter (where id is not null) as edges
      from (
        select key, change, position, null::uuid as id, null as edge
        from unnest(noted) with ordinality as n (kind, key, change, position) where kind = 'user'
        union all
        select g.user_id::text, jsonb_build_object('actor', n.actor, 'ended', case when e.edge <> 'begin' then 'grant' end),
          n.position, g.id, e.edge
        from role_grants g
        join (
          select (change ->> 'grant')::uuid as id, max(position) as position, (array_agg(change ->> 'actor' order by position desc))[1] as actor
          from unnest(noted) with ordinality as n (kind, key, change, position) where kind = 'grant' and change ? 'grant'
          group by 1) as n on n.id = g.id
        cross join lateral (
          select exists (select from grant_edges where grant_id = g.id and edge = 'begin') as has_begun,
            exists (select from grant_edges where grant_id = g.id and edge <> 'begin') as has_ended,
            g.revoked_at is not null or g.valid_until <= moment as is_over) as s
        cross join lateral (
          select case
            when has_ended and not is_over then refuse_ended_grant(g.id)
            when has_begun and not has_ended and is_over then case when g.revoked_at is null then 'end' else 'revoked' end
            when not has_begun and not is_over and g.valid_from <= moment then 'begin'
          end as edge) as e
        where g.id = any (own) and e.edge is not null) as changed
      group by key order by key
    loop
      last_seq := last_seq + 1;
      insert into grant_edges select id, edge, moment, last_seq, moment from unnest(told.ids, told.edges) as e (id, edge);
      begun := begun || array(select id from unnest(told.ids, told.edges) as e (id, edge) where edge = 'begin');
      insert into event_log (seq, name, audience, payload, at)
        select last_seq, name, audience,
          payload || jsonb_build_object('seq', last_seq, 'timestamp', iso_time(moment)), moment
        from log_user_entries(told.key, told.changes);
    end loop;

    insert into event_log (seq, name, audience, payload, at)
      select last_seq + number, name, audience,
        payload || jsonb_build_object('seq', last_seq + number, 'timestamp', iso_time(moment)), moment
      from (
        select row_number() over (order by key) as number, told_of.*
        from (
          select key, jsonb_agg(change order by position) as changes
          from unnest(noted) with ordinality as n (kind, key, change, position)
          where kind = 'session' group by key) as ended
        cross join lateral log_session_entries(ended.key, ended.changes) as told_of) as sessions;
    last_seq := last_seq + (select count(distinct key) from unnest(noted) where kind = 'session');

    -- Of an emergency the administrators hear at once: right behind what it did to the rights.
    for told in
      select 'break_glass:opened' as name, id from unnest(begun) as id
      union
      select 'break_glass:reviewed', (change ->> 'grant')::uuid from unnest(noted) where kind = 'grant' and change @> '{"reviewed": true}'
      order by name, id
    loop
      insert into event_log (seq, name, audience, payload, at)
        select last_seq + 1, told.name, 'access',
          jsonb_build_object('seq', last_seq + 1, 'grant', b.told, 'timestamp', iso_time(moment)), moment
        from break_glass b where b.id = told.id;
      if found then
        last_seq := last_seq + 1;
      end if;
    end loop;

    update log_head set seq = seq + last_seq - first_seq + 1 where singleton;
    if moves_edge then
      update log_head set next_edge_at = e.next_edge, next_end_at = e.next_end from edges_after(moment) as e where singleton;
    end if;
    return last_seq - first_seq + 1;
  end $$;
