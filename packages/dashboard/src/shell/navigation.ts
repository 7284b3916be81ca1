import { rolesAllow, type Role } from '@uzima/contracts/values'
import { match, type Address } from './address.js'
import type { View } from './part.js'
import { PARTS } from './parts.js'

/** Every view of the page. */
export const VIEWS: readonly View[] = PARTS.flatMap(({ views = [] }) => views)

/** Lists what somebody with `roles` may see, in the order of the navigation. */
export const viewsOf = (roles: readonly Role[]): readonly View[] =>
  VIEWS.filter(({ allows }) => allows === 'everybody' || rolesAllow(roles, allows))

export interface Place {
  readonly view: View
  readonly params: Readonly<Record<string, string>>
}

/** Finds the view at an address; the first one in the navigation where it names none. */
export const placeAt = (views: readonly View[], { path }: Address): Place | undefined => {
  if (path === '/') {
    const wall = isWall() ? views.find(({ frame }) => frame === 'bare') : undefined
    if (wall !== undefined) return { view: wall, params: {} }
    const first = views.find(({ place }) => place !== undefined)
    return first === undefined ? undefined : { view: first, params: {} }
  }
  for (const view of views) {
    for (const pattern of view.paths) {
      const params = match(pattern, path)
      if (params !== undefined) return { view, params }
    }
  }
  return undefined
}

/** The link to a view, as it is first opened. */
export const linkTo = (view: View): string => `#${view.paths[0]}`

/** A screen on the wall: said by the address, or large and without anything to point with. */
const isWall = (): boolean =>
  new URLSearchParams(location.search).has('wall') ||
  matchMedia('(min-width: 1920px) and (any-pointer: none)').matches
