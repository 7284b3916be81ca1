/**
 * What code in a browser takes of the contract as values: all of it that needs no zod, which alone is as large as React's
 * smaller half. Schemas stay in the main entry; types may come from there, because they are gone when the code runs.
 */
export * from './errors.js'
export * from './limits.js'
export * from './roles.js'
export * from './version.js'
