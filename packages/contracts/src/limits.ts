/** Largest quantity of a lot, a total or a threshold: 2^31-1, PostgreSQL's `integer`. */
export const MAX_QUANTITY = 2_147_483_647
/** Longest time for which somebody may take a role in an emergency. */
export const BREAK_GLASS_MAX_MINUTES = 60
