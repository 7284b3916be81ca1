-- What people and other programs may write of alerts: that somebody has acted, and who has seen them. The rest is the
-- database's.

-- What other programs may write: that somebody has acted. The first one stays, and what is resolved needs nobody any more;
-- both leave the row as it is, as REST does.
create function alerts_before_update() returns trigger
  language plpgsql security definer
  as $$
  begin
    if (new.id, new.kind, new.sku, new.lot_number, new.name, new.raised_at, new.seq, new.escalated_at, new.resolved_at)
      is distinct from
      (old.id, old.kind, old.sku, old.lot_number, old.name, old.raised_at, old.seq, old.escalated_at, old.resolved_at)
    then
      raise exception 'Alerts are kept by the database.'
        using hint = 'Write acknowledged_by, and with it note; an alert is resolved when its cause is gone.';
    end if;
    if new.acknowledged_by is null and old.acknowledged_by is not null then
      raise exception 'An acknowledgement is not taken back.';
    end if;
    if new.acknowledged_by is null and new.note is distinct from old.note then
      raise exception 'A note goes with an acknowledgement.' using hint = 'Write acknowledged_by as well.';
    end if;
    if new.acknowledged_by is null or old.acknowledged_by is not null or old.resolved_at is not null then
      return old;
    end if;
    select username into new.acknowledged_by_name from users where id = new.acknowledged_by;
    if not found then
      raise exception 'There is no user %.', new.acknowledged_by using errcode = 'foreign_key_violation';
    end if;
    new.acknowledged_at := log_now();
    new.note := tidy_text(new.note, 'note');
    return new;
  end $$;
-- Our own changes are made by log_commit, which is a trigger itself.
create trigger alerts_before_update before update on alerts
  for each row when (pg_trigger_depth() = 0) execute function alerts_before_update();

create function alert_acknowledged() returns trigger
  language plpgsql security definer
  as $$
  begin
    delete from due where kind = 'escalation' and key = new.id::text;
    perform log_touch('alert', new.id::text, '{"op": "acknowledged"}');
    return null;
  end $$;
create trigger alert_acknowledged after update on alerts
  for each row when (new.acknowledged_by is distinct from old.acknowledged_by) execute function alert_acknowledged();

create function alerts_before_insert() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'Alerts are raised by the database.' using hint = 'Change the stock.';
  end $$;
create trigger alerts_before_insert before insert on alerts
  for each row when (pg_trigger_depth() = 0) execute function alerts_before_insert();
create trigger alerts_are_history before delete on alerts
  for each row execute function refuse_rewrite();
create trigger alerts_truncate before truncate on alerts execute function refuse_truncate();

-- insert into alert_seen (alert_id, user_id) is enough.
create function alert_seen_before_insert() returns trigger
  language plpgsql security definer
  as $$
  begin
    select username into new.username from users where id = new.user_id;
    if not found then
      raise exception 'There is no user %.', new.user_id using errcode = 'foreign_key_violation';
    end if;
    new.at := log_now();
    return new;
  end $$;
create trigger alert_seen_before_insert before insert on alert_seen
  for each row execute function alert_seen_before_insert();

create function alert_was_seen() returns trigger
  language plpgsql security definer
  as $$
  begin
    perform log_touch('alert', new.alert_id::text, '{"op": "seen"}');
    return null;
  end $$;
create trigger alert_was_seen after insert on alert_seen
  for each row execute function alert_was_seen();
create trigger alert_seen_is_history before update or delete on alert_seen
  for each row execute function refuse_rewrite();
create trigger alert_seen_truncate before truncate on alert_seen execute function refuse_truncate();
