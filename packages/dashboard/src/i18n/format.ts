export const LANGUAGES = ['en', 'sw', 'fr'] as const
export type Language = (typeof LANGUAGES)[number]

/** Numbers, days, moments and plurals as one language writes them. */
export interface Format {
  readonly number: (value: number) => string
  /**
   * Picks the form for `count` by the rules of the language and puts the number where `#` stands. Whole sentences, because
   * verbs agree as well.
   */
  readonly plural: (count: number, forms: PluralForms) => string
  /** A day, `YYYY-MM-DD`, as `31 Jan 2031`. */
  readonly day: (date: string) => string
  /** A moment as `14:03`, with the day in front where it is not the day of `now`. */
  readonly time: (at: number | string, now?: number) => string
  /** A moment with its day and seconds, for records. */
  readonly moment: (at: number | string) => string
  /** `3 days ago`, `in 12 days`, `today`. */
  readonly inDays: (days: number) => string
  /** A length of time in its largest unit: `35 s`, `12 min`, `3 h`, `2 d`. */
  readonly duration: (ms: number) => string
  /** `a, b and c`. */
  readonly list: (parts: readonly string[]) => string
  /** Orders names as people do, 250 mg before 1000 mg. */
  readonly compare: (a: string, b: string) => number
}

export type PluralForms = Readonly<
  Partial<Record<Exclude<Intl.LDMLPluralRule, 'other'>, string>> & { other: string }
>

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', sw: 'sw', fr: 'fr' }

export const createFormat = (language: Language): Format => {
  const locale = LOCALES[language]
  const number = new Intl.NumberFormat(locale)
  const plural = new Intl.PluralRules(locale)
  const day = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  const clock = new Intl.DateTimeFormat(locale, CLOCK)
  const dayAndClock = new Intl.DateTimeFormat(locale, { ...CLOCK, day: 'numeric', month: 'short' })
  const moment = new Intl.DateTimeFormat(locale, {
    ...CLOCK,
    second: '2-digit',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const list = new Intl.ListFormat(locale)
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' })

  return {
    number: (value) => number.format(value),
    plural: (count, forms) =>
      (forms[plural.select(count)] ?? forms.other).replaceAll('#', number.format(count)),
    day: (date) => day.format(new Date(`${date}T00:00:00Z`)),
    time: (at, now = Date.now()) => {
      const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
      return (sameDay ? clock : dayAndClock).format(new Date(at))
    },
    moment: (at) => moment.format(new Date(at)),
    inDays: (days) => relative.format(days, 'day'),
    duration: (ms) => {
      const [size, unit] =
        UNITS.find(([length]) => Math.abs(ms) >= length) ?? ([1000, 'second'] as const)
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: 0,
      }).format(ms / size)
    },
    list: (parts) => list.format(parts),
    compare: (a, b) => collator.compare(a, b),
  }
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const

const DAY_MS = 86_400_000

/** Counts the days from today (of this device) to `date` (`YYYY-MM-DD`); negative once it has passed. */
export const daysUntil = (date: string, now: number = Date.now()): number => {
  const today = new Date(now)
  const todayUtc = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())
  return Math.round((Date.parse(`${date}T00:00:00Z`) - todayUtc) / DAY_MS)
}
