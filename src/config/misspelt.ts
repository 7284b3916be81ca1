import { SETTINGS } from './schema.js'

const NAMES: readonly string[] = Object.values(SETTINGS).map(({ variable }) => variable)

// Below this length half of all words are near: `HOST` is one foreign letter away from `CHOST` and `VHOST`.
const SHORT = 5
// From this length on two slips are still nearer than any other word.
const LONG = 12

/**
 * A line for each variable that is no setting and looks like one that is not set, by the order of the environment. Where the
 * setting itself is set, a similar name belongs to another program.
 */
export const misspelt = (env: NodeJS.ProcessEnv): string[] => {
  const missing = NAMES.filter((name) => isEmpty(env[name]))
  return Object.keys(env)
    .filter((name) => !NAMES.includes(name) && !isEmpty(env[name]))
    .flatMap((name) => {
      const likely = nearest(name, missing).join(' or ')
      // Without its value, which may be a secret.
      return likely === ''
        ? []
        : [
            `${name}: is not a setting, ${likely} is. Rename it; where it is meant for another program, set ${likely}, too`,
          ]
    })
}

const isEmpty = (text: string | undefined): boolean => text === undefined || text.trim() === ''

/** The candidates that are near, or of several the nearest ones: `POST` may be `HOST` or `PORT`. */
const nearest = (name: string, candidates: readonly string[]): string[] => {
  const slips = candidates.map((candidate) => slipsBetween(name, candidate) ?? Infinity)
  const fewest = Math.min(...slips)
  return candidates.filter((_, index) => Number.isFinite(fewest) && slips[index] === fewest)
}

/** How many slips of the finger or of memory lead from the setting to the name; undefined where it is another word. */
const slipsBetween = (name: string, setting: string): number | undefined => {
  if (setting.length < SHORT) {
    return isForeignLetterMore(name, setting) || distance(name, setting) > 1 ? undefined : 1
  }
  if (plain(name) === plain(setting)) return 1
  if (Math.abs(name.length - setting.length) > 2) return undefined
  const slips = distance(name.toUpperCase(), setting)
  const allowed = setting.length >= LONG && name.startsWith(setting.charAt(0)) ? 2 : 1
  return slips <= allowed ? slips : undefined
}

/** The name without what separates its words. */
const plain = (name: string): string => name.toUpperCase().replaceAll(/[-_.]/g, '')

/** Longer than the setting, and not because a letter was struck twice. */
const isForeignLetterMore = (name: string, setting: string): boolean =>
  name.length > setting.length &&
  name.replaceAll(/(.)\1/g, '$1') !== setting.replaceAll(/(.)\1/g, '$1')

/** Letters put in, left out, replaced, or swapped with the next one (optimal string alignment). */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= a.length; row += 1) {
    rows[row] = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
