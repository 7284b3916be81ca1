/**
 * Version of the wire contract; a client compares the first number.
 *
 * - 1: first contract.
 * - 2: an item tells what is usable and what has expired, and is low by what is usable; changes `expired` and `disposed`;
 *   `consume` takes no `allowExpired`.
 */
export const PROTOCOL_VERSION = 2
