import { misspelt } from './misspelt.js'
import { BadValueError } from './parsers.js'
import { rulesBroken } from './rules.js'
import { SETTINGS, type Config } from './schema.js'
import type { Setting } from './setting.js'

/** The settings cannot be used; the message names every bad one, what is wrong and a value that works. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads and checks all settings. An empty variable counts as not set, save where that would open something. A variable
 * whose name is almost that of a setting is a mistake, because the setting would quietly keep its default.
 * Throws `ConfigError` naming every bad setting; the value of a secret is never in its message.
 */
export const loadConfig = (env: NodeJS.ProcessEnv = process.env): Config => {
  const isProduction = env['NODE_ENV'] === 'production'
  const values: Record<string, unknown> = {}
  const problems: string[] = []

  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    try {
      values[name] = read(setting, env[setting.variable], isProduction)
    } catch (error) {
      if (!(error instanceof BadValueError)) throw error
      problems.push(problem(setting, env[setting.variable], error.message))
    }
  }
  problems.push(...rulesBroken(values, isProduction), ...misspelt(env))
  if (problems.length > 0) {
    throw new ConfigError(
      `The configuration is not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    )
  }
  // Every name of the table was read by the parser of the table, which is what Config is derived from.
  return Object.freeze(values) as Config
}

const read = (setting: Setting, raw: string | undefined, isProduction: boolean): unknown => {
  const text = setting.secret === true ? raw : raw?.trim()
  if (text === '' && setting.refuseEmpty === true) {
    throw new BadValueError('is empty; remove the variable or give it a value')
  }
  const fallback = (isProduction ? setting.production : undefined) ?? setting.default
  const effective =
    text === undefined || text === '' ? (fallback ?? setting.computed?.value()) : text
  return effective === undefined ? undefined : setting.parse(effective)
}

const SHOWN_CHARACTERS = 60

const problem = (setting: Setting, raw: string | undefined, message: string): string => {
  const shown =
    setting.secret === true || raw === undefined || raw === ''
      ? ''
      : `${JSON.stringify(raw.slice(0, SHOWN_CHARACTERS))} `
  return `${setting.variable}: ${shown}${message}. Example: ${setting.variable}=${setting.example}`
}
