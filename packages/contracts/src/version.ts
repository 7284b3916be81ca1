/**
 * Version of the wire contract; a client compares the first number.
 *
 * - 1: first contract.
 */
export const PROTOCOL_VERSION = 1
