/** Largest quantity of a lot, a total or a threshold: 2^31-1, PostgreSQL's `integer`. */
export const MAX_QUANTITY = 2_147_483_647
