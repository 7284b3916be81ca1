import type { Permission } from '@uzima/contracts/values'
import type { ComponentType, ReactNode } from 'react'
import type { Speech } from '../i18n/language.js'

export interface ViewProps {
  /** What the view's path names: `sku` of `/stock/:sku`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

/** One view: where it is, who may see it, how it is reached. */
export interface View {
  /** Unique; also the name of its screenshots. */
  readonly id: string
  /** The first is where a link to it leads; others are the same view with more in its address (`/stock/:sku`). */
  readonly paths: readonly [string, ...string[]]
  /** Whose view it is. `everybody` who is signed in. */
  readonly allows: Permission | 'everybody'
  /** Name in the navigation and in the title of the window. */
  readonly name: (speech: Speech) => string
  /**
   * Where its link stands: always in sight (`bar`, at most four over all parts), or in the menu. Default: nowhere, other views
   * link to it.
   */
  readonly place?: 'bar' | 'menu'
  /** The sign above its name: the `d` of a path in a box of 24, stroked. */
  readonly icon?: string
  /** What waits there, as a number at its link; drawn again as any hook. */
  readonly useCount?: () => number
  /**
   * `full` fills what the shell leaves and scrolls by itself; `bare` stands without the shell, for a screen that nobody touches.
   * Default `page`: centred, with a margin, scrolled by the shell.
   */
  readonly frame?: 'page' | 'full' | 'bare'
  /** The view itself; a function with `import()` keeps it out of the first load. */
  readonly load: () => Promise<ComponentType<ViewProps>>
  /** Loads what opens inside of the view, later than the view itself. Default: nothing does. */
  readonly loadInside?: () => Promise<unknown>
  /**
   * Addresses with something to see on the demo's data, by the names of their pictures, for `npm run screenshots`. Default: the
   * first of `paths`, named as the view.
   */
  readonly samples?: Readonly<Record<string, string>>
}

/** What one folder adds to the page. */
export interface Part {
  readonly views?: readonly View[]
  /** Drawn while somebody is signed in, whatever the view: a sound, the number in the window's title. */
  readonly companions?: readonly ComponentType[]
  /** Around everything that somebody signed in sees; may show something else in its place, as a lock does. */
  readonly guard?: ComponentType<{ readonly children: ReactNode }>
  /** Entries of the menu beside the links: a switch, a button. */
  readonly menu?: readonly ComponentType[]
  /** A number for the title of the window, `(3) Stock`; drawn again as any hook. */
  readonly useTitleCount?: () => number
  /** Lines below the connection bar, over every view: what waits, what ends soon. */
  readonly notices?: readonly ComponentType[]
}
