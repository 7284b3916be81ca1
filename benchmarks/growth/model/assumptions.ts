/** What the calculation takes for granted, by name; a reader changes the table in the document. */
export const ASSUMPTIONS = [
  'clinics',
  'tabletsPerClinic',
  'movementsPerHour',
  'entriesPerMovement',
  'itemsPerClinic',
  'usersPerClinic',
  'nodeCores',
  'nodeMemoryGb',
  'nodeMbitPerSecond',
  'postgresCores',
  'postgresConnections',
  'digestSeconds',
  'busyShare',
] as const
export type Assumptions = Readonly<Record<(typeof ASSUMPTIONS)[number], number>>

/**
 * Reads them from the rows of the document that begin with a name in backquotes.
 *
 * @throws where one is missing or not a number above 0
 */
export const readAssumptions = (document: string): Assumptions => {
  const read = (name: string): [string, number] => {
    const cell = new RegExp(`^\\|\\s*\`${name}\`\\s*\\|\\s*([^|]+?)\\s*\\|`, 'm').exec(
      document,
    )?.[1]
    const value = Number(cell?.replaceAll(',', ''))
    if (!(value > 0)) throw new Error(`The assumption \`${name}\` has to be a number above 0.`)
    return [name, value]
  }
  return Object.fromEntries(ASSUMPTIONS.map(read)) as Assumptions
}
