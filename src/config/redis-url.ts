import { BadValueError, urlOf, type Parse } from './parsers.js'

const SCHEME = /^rediss?:\/\//
const urlOfRedis = urlOf('redis', 'rediss')

/**
 * Where Redis is: `redis(s)://[[user]:password@]host[:port][/database][?family=4|6]`. What the client would read in another
 * way than it was meant is refused here, since it would only be seen as a Redis that is away.
 */
export const redisUrl: Parse<string> = (text) => {
  const rest = text.replace(SCHEME, '')
  if (rest === text) return urlOfRedis('')
  if (/\s/.test(text)) throw new BadValueError('has white space in it; in a password write %20')
  if (/@.*@/.test(text)) {
    throw new BadValueError('has an @ in its password or user name; write %40 for it')
  }
  // The first of these ends the authority, so that the rest of a password is taken for a database or for options.
  if (/[/?#[\]].*@/.test(rest)) {
    throw new BadValueError(
      'has a character in its password or user name that must be escaped: %2F for /, %3F for ?, %23 for #, %5B for [, %5D for ]',
    )
  }
  const { hostname, port, username, password, pathname, search, hash } = new URL(urlOfRedis(text))
  if (hostname === '') throw new BadValueError('names no host')
  if (port === '0') throw new BadValueError('names port 0')
  if (!isDecodable(username) || !isDecodable(password)) {
    throw new BadValueError(
      'has a % in its password or user name that escapes nothing; write %25 for it',
    )
  }
  if (!/^\/?$|^\/\d{1,9}$/.test(pathname)) {
    throw new BadValueError('ends in something else than the number of a database')
  }
  if (!/^(\?family=[46])?$/.test(search) || hash !== '') {
    throw new BadValueError('has options that are not known; only ?family=4 and ?family=6 are')
  }
  return text
}

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    // Not passed on: the error would be about a piece of the password.
    return false
  }
}
