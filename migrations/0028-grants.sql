-- Grants: a user has a role for a time. What he may see is a function of the log: each beginning and each end is an entry, numbered
-- by whichever commit comes first once its moment has come, before what that commit itself has to tell. So nothing that is
-- numbered before an end is from after its moment, and whatever anybody is shown goes by numbers alone.

create table role_grants (
  id uuid primary key default gen_random_uuid(),
  -- No foreign key: users may be deleted, what they were granted is not forgotten.
  user_id uuid not null,
  role text not null
    check (role in ('admin', 'inventory_manager', 'pharmacist', 'doctor', 'educator', 'patient')),
  -- In force from the first moment until just before the second. Two that overlap do no harm: rights are their union.
  valid_from timestamptz not null default log_now(),
  valid_until timestamptz not null,
  reason text not null check (char_length(reason) <= 500),
  granted_by text not null,
  revoked_at timestamptz,
  revoked_by text,
  kind text not null default 'grant' check (kind in ('grant', 'break_glass')),
  created_at timestamptz not null default log_now(),
  -- Of break glass: who has looked at it afterwards, never the user himself.
  reviewed_by uuid,
  reviewed_at timestamptz,
  review_note text check (char_length(review_note) <= 500),
  constraint role_grants_times check (isfinite(valid_from) and isfinite(valid_until) and valid_until > valid_from
    and valid_until <= valid_from + interval '366 days' and is_tellable(valid_until)),
  constraint role_grants_break_glass check (kind <> 'break_glass' or valid_until <= valid_from + interval '60 minutes'),
  constraint role_grants_review check (
    (reviewed_at is null) = (reviewed_by is null) and reviewed_by <> user_id and (reviewed_by is null or kind = 'break_glass'))
);
create index role_grants_user on role_grants (user_id, valid_until);
-- By them the next moment is found, and what is due at one.
create index role_grants_from on role_grants (valid_from) where revoked_at is null;
create index role_grants_until on role_grants (valid_until) where revoked_at is null;

-- The numbers at which a grant came into force and ended. A table of its own, because a grant's row may be held by somebody who
-- waits for the head of the log: to write it while the head is locked would be a deadlock.
create table grant_edges (
  grant_id uuid not null,
  edge text not null check (edge in ('begin', 'end', 'revoked')),
  -- The moment that brought it about: valid_from or valid_until where time did, else the COMMIT.
  due_at timestamptz not null,
  seq bigint not null,
  at timestamptz not null,
  primary key (grant_id, edge)
);
create trigger grant_edges_is_history before update or delete on grant_edges
  for each row execute function refuse_rewrite();
create trigger grant_edges_truncate before truncate on grant_edges execute function refuse_truncate();

-- `last_at` never falls: no entry is from before the one that is numbered before it, whatever is done to the clock. All edges up to
-- it are numbered; the next one is due at `next_edge_at`, the next that is an end at `next_end_at`, null where there is none.
alter table log_head add column last_at timestamptz not null default '-infinity',
  add column next_edge_at timestamptz, add column next_end_at timestamptz;
update log_head set last_at = coalesce((select at from event_log order by seq desc limit 1), last_at);

-- The grants in force at the place in the log at which a transaction reads. That they are not over by `last_at` follows from the
-- edges; said here, it keeps those of the past from being looked at.
create view grants_in_force as
  select g.* from role_grants g
  where g.valid_until > (select last_at from log_head)
    and exists (select from grant_edges e where e.grant_id = g.id and e.edge = 'begin')
    and not exists (select from grant_edges e where e.grant_id = g.id and e.edge <> 'begin');

-- Everything that a user may act as there, sorted.
create function roles_of(person uuid, base_role text) returns text[]
  language sql stable
  begin atomic
    select array(
      select distinct r.role from (
        select base_role collate "C" as role union all
        select g.role from grants_in_force g where g.user_id = person) as r order by r.role);
  end;
create view user_roles as select id as user_id, roles_of(id, role) as roles from users;

create function role_grants_before_write() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    moment constant timestamptz := log_now();
  begin
    if tg_op = 'INSERT' then
      if new.revoked_at is not null or new.revoked_by is not null or new.reviewed_by is not null or new.reviewed_at is not null then
        raise exception 'A grant is made first, and revoked or reviewed later.' using errcode = 'check_violation';
      end if;
      perform from users where id = new.user_id for key share;
      if not found then
        raise exception 'There is no user %.', new.user_id using errcode = 'foreign_key_violation';
      end if;
      -- It begins with the COMMIT at the earliest, whatever the writer's clock says.
      new.valid_from := case when new.kind = 'break_glass' then moment else greatest(new.valid_from, moment) end;
      new.reason := tidy_text(new.reason, 'reason');
      new.granted_by := coalesce(tidy_text(new.granted_by, 'granted_by'), log_actor());
      new.created_at := moment;
      return new;
    end if;

    if (new.id, new.user_id, new.role, new.valid_from, new.reason, new.granted_by, new.kind, new.created_at)
      is distinct from (old.id, old.user_id, old.role, old.valid_from, old.reason, old.granted_by, old.kind, old.created_at)
    then
      raise exception 'A grant keeps its user, its role, its beginning and its reason.' using errcode = 'check_violation',
        hint = 'Set revoked_at, and make another one. Only valid_until may be changed, and the review.';
    end if;
    if old.revoked_at is not null then
      if new.revoked_at is null then
        raise exception 'A grant that was revoked stays revoked.' using errcode = 'check_violation', hint = 'Make another one.';
      end if;
      new.revoked_at := old.revoked_at;
      new.revoked_by := old.revoked_by;
    elsif new.revoked_at is not null then
      -- It ends with the COMMIT, whatever the writer's clock says.
      new.revoked_at := moment;
      new.revoked_by := coalesce(tidy_text(new.revoked_by, 'revoked_by'), log_actor());
    else
      new.revoked_by := null;
    end if;
    if new.valid_until <> old.valid_until then
      if old.revoked_at is not null or old.valid_until <= moment then
        raise exception 'A grant that has ended stays ended.' using errcode = 'check_violation', hint = 'Make another one.';
      end if;
      -- What was seen under it until now was seen with right.
      new.valid_until := greatest(new.valid_until, moment);
    end if;
    if old.reviewed_by is not null then
      if (new.reviewed_by, new.review_note) is distinct from (old.reviewed_by, old.review_note) then
        raise exception 'A review that is closed stays as it is.' using errcode = 'check_violation';
      end if;
      new.reviewed_at := old.reviewed_at;
    else
      new.reviewed_at := case when new.reviewed_by is not null then moment end;
    end if;
    return new;
  end $$;
create trigger role_grants_before_write before insert or update on role_grants
  for each row execute function role_grants_before_write();

create function role_grants_touched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    perform log_touch('grant', new.user_id::text, jsonb_build_object('grant', new.id, 'actor', log_actor()));
    return null;
  end $$;
create trigger role_grants_inserted after insert on role_grants
  for each row execute function role_grants_touched();
create trigger role_grants_updated after update on role_grants
  for each row when (old.valid_until is distinct from new.valid_until or old.revoked_at is distinct from new.revoked_at)
  execute function role_grants_touched();
create trigger note_change after insert or update on role_grants
  for each row execute function note_record_change('id');

create function role_grants_stay() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'A grant is history once it is made: it is not deleted.'
      using errcode = 'check_violation', hint = 'To end it, set revoked_at.';
  end $$;
create trigger role_grants_stay before delete on role_grants for each row execute function role_grants_stay();
create trigger role_grants_truncate before truncate on role_grants execute function refuse_truncate();

-- Nobody who gets the same id later inherits them.
create function users_grants_end() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    update role_grants set revoked_at = log_now()
      where user_id = old.id and revoked_at is null and valid_until > log_now();
    return null;
  end $$;
create trigger users_grants_end after delete on users for each row execute function users_grants_end();
create trigger users_id_grants_end after update of id on users
  for each row when (old.id <> new.id) execute function users_grants_end();
