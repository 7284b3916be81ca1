import { hrefOf } from '../../shell/address.js'

/** The link to one account. */
export const userHref = (id: string): string => hrefOf(['admin', 'users', id])
