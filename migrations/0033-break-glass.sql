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
