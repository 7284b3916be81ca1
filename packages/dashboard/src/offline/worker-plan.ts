/** A file of the built page. */
export interface PageFile {
  /** From the page's own folder, which may lie under a prefix: `./assets/app-1a2b3c4d.js`; `./` is the page. */
  readonly path: string
  /** Hash of what is in it, as the browser checks it: `sha256-…`. */
  readonly integrity: string
}

/** Which file of the page answers a request; null for all that is not a file of this build, which goes to the network. */
export const fileFor = (
  request: Pick<Request, 'method' | 'url' | 'mode'>,
  files: readonly PageFile[],
  scope: string,
): string | null => {
  if (request.method !== 'GET') return null
  const { origin, pathname } = new URL(request.url)
  const asked = `${origin}${pathname}`
  const found = files.find(({ path }) => new URL(path, scope).href === asked)
  if (found !== undefined) return new URL(found.path, scope).href
  return request.mode === 'navigate' && asked === new URL('./index.html', scope).href ? scope : null
}

const PREFIX = 'uzima-page '

/** A cache for each build in each folder of the origin; the same files have the same name. */
export const cacheName = (files: readonly PageFile[], scope: string): string =>
  `${PREFIX}${scope} ${files.map(({ integrity }) => integrity.slice(7, 11)).join('')}`

/**
 * The caches of this folder that nobody needs, the oldest of `names` first: the one before `current` stays, as an open page of
 * that build still fetches its scripts from there.
 */
export const outdated = (
  names: readonly string[],
  current: string,
  scope: string,
): readonly string[] =>
  names.filter((name) => name.startsWith(`${PREFIX}${scope} `) && name !== current).slice(0, -1)
