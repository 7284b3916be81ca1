import type { Parse } from './parsers.js'

/** One setting: everything the loader, the error message and the reference need to know of it. */
export interface Setting {
  readonly variable: string
  readonly parse: Parse<unknown>
  /** Value where the variable is not set, written as in the environment. Without it the setting is undefined. */
  readonly default?: string
  /** The default with NODE_ENV=production, where it differs. */
  readonly production?: string
  /** Takes the place of `default` where it is known at run time only; `text` is for the reference. */
  readonly computed?: { readonly text: string; readonly value: () => string }
  /** A value that works, for the message about one that does not. */
  readonly example: string
  readonly unit?: string
  /** One sentence that answers "what happens if I leave it out?". */
  readonly meaning: string
  /** The value is shown nowhere and taken as it is, spaces included. */
  readonly secret?: true
  /** An empty value is a mistake, because "not set" would quietly open what this setting closes. */
  readonly refuseEmpty?: true
}

/** Type of a setting's value; undefined is in it where there is no default. */
export type SettingValue<S extends Setting> = S extends
  Readonly<Record<'default', string>> | Readonly<Record<'computed', object>>
  ? ReturnType<S['parse']>
  : ReturnType<S['parse']> | undefined
