import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'

const secret = process.env.JWT_SECRET ?? randomBytes(48).toString('base64url')

export const signToken = (user) => jwt.sign({ id: user.id }, secret, { expiresIn: '15m' })

/** The token check that this back end has for its own routes; `initRealtime` uses the same one. */
export const verifyAccessToken = (token) => {
  const { id, exp } = jwt.verify(token, secret, { algorithms: ['HS256'] })
  return { userId: id, expiresAt: new Date(exp * 1000) }
}
