import { Buffer } from 'node:buffer'
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import pg from 'pg'

const hash = (password, salt) => scryptSync(password, salt, 32).toString('base64url')

/** The back end's own users, in its own table. */
export const openUsers = (connectionString) => {
  const pool = new pg.Pool({ connectionString, max: 4 })
  // A connection that breaks while nobody uses it: the pool makes another one.
  pool.on('error', (error) => console.error('a connection of the pool broke:', error.message))
  const read = async (condition, value) => {
    const { rows } = await pool.query(
      `select id, username, job as role, active as "isActive", password_hash from clinic.users where ${condition}`,
      [value],
    )
    return rows
  }
  return {
    /** Those of `ids` who exist, as they are now. */
    findUsers: (ids) => read('id::text = any($1)', ids),
    findUser: async (id) => (await read('id::text = $1', id))[0],
    checkPassword: async (username, password) => {
      const [user] = await read('username = $1 and active', username)
      const [salt = '', wanted = ''] = user?.password_hash.split(':') ?? []
      const given = Buffer.from(hash(String(password), salt))
      return given.length === wanted.length && timingSafeEqual(given, Buffer.from(wanted))
        ? user
        : undefined
    },
    add: async (username, job, password) => {
      const salt = randomBytes(16).toString('base64url')
      await pool.query(
        `insert into clinic.users (username, email, job, password_hash) values ($1, $2, $3, $4)
         on conflict (username) do nothing`,
        [username, `${username}@clinic.example`, job, `${salt}:${hash(password, salt)}`],
      )
    },
    close: () => pool.end(),
  }
}
