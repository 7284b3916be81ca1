import { fileURLToPath } from 'node:url'

/** Folder of the page's built files. */
export const BUILT_PAGE = fileURLToPath(new URL('../../packages/dashboard/dist', import.meta.url))
