import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'

/** The users of this back end; yours are rows of your own database. */
const users = [
  { id: 'u-1', username: 'amina', role: 'pharmacist', isActive: true },
  { id: 'u-2', username: 'juma', role: 'doctor', isActive: true },
]

const salt = randomBytes(16)
const hash = (password) => scryptSync(password, salt, 32)

/** Made anew at each start: one password for all users of the example. */
export const password = process.env.EXAMPLE_PASSWORD ?? randomBytes(9).toString('base64url')
const passwordHash = hash(password)

/** What `initRealtime` asks at each handshake: the user as he is now. */
export const findUser = (userId) => users.find((user) => user.id === userId)

export const checkPassword = (username, attempt) => {
  const matches = timingSafeEqual(hash(String(attempt)), passwordHash)
  return matches ? users.find((user) => user.username === username && user.isActive) : undefined
}
