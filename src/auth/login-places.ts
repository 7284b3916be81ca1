import type { Queryable } from '../storage/database.js'

/** Places kept for a user; the one that was proved longest ago goes first. */
const MAX_PLACES = 20

/** Notes that the user has shown his password from `place`, for all nodes and the next start. */
export const rememberPlace = async (
  tx: Queryable,
  userId: string,
  place: string,
): Promise<void> => {
  await tx.query(
    `with proved as (
       insert into login_places (user_id, place) values ($1, $2)
       on conflict (user_id, place) do update set proved_at = clock_timestamp())
     delete from login_places where user_id = $1 and place <> $2 and place not in (
       select place from login_places where user_id = $1 and place <> $2
       order by proved_at desc limit ${(MAX_PLACES - 1).toString()})`,
    [userId, place],
  )
}
