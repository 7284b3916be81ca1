import pg from 'pg'

const AGAIN_AFTER_MS = 1_000
const HEARTBEAT_MS = 5_000
/** How long sockets stay open while nobody can say whether their users still may. */
const CLOSE_AFTER_MS = 60_000

/**
 * Ends the live sockets of users who change in the table, as revocation.sql tells it. Each process watches for its own
 * sockets. What is closed here a stock client takes for a broken line: it comes back by itself, and `findUser` decides.
 */
export const watchUsers = (io, { connectionString, findUsers, onProblem }) => {
  let client
  let retry
  let closeAll
  let stopped = false

  const socketsOf = (userId) =>
    [...io.of('/').sockets.values()].filter(({ data }) => userId === '' || data.user.id === userId)
  // What waits to be sent is thrown away.
  const close = (sockets) => sockets.forEach((socket) => socket.conn.close(true))

  /** Compares who is connected with the table. Where it cannot be read they are closed: coming back, they are looked up. */
  const review = async (sockets) => {
    if (sockets.length === 0) return
    try {
      const ids = [...new Set(sockets.map(({ data }) => data.user.id))]
      const users = new Map((await findUsers(ids)).map((user) => [user.id, user]))
      close(
        sockets.filter(({ data }) => {
          const now = users.get(data.user.id)
          return (
            !now?.isActive || now.role !== data.user.role || now.username !== data.user.username
          )
        }),
      )
    } catch (error) {
      onProblem('Users could not be read again.', error)
      close(sockets)
    }
  }

  const listen = async () => {
    const own = new pg.Client({
      connectionString,
      application_name: 'users-watch',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    })
    client = own
    let heartbeat
    own.on('error', (error) => onProblem('The watch on users broke.', error))
    own.once('end', () => {
      clearInterval(heartbeat)
      if (stopped) return
      closeAll ??= setTimeout(() => {
        closeAll = undefined
        close(socketsOf(''))
      }, CLOSE_AFTER_MS)
      retry = setTimeout(() => void listen(), AGAIN_AFTER_MS)
    })
    own.on('notification', ({ payload }) => void review(socketsOf(payload)))
    const giveUp = (error) => {
      onProblem('Users cannot be watched; it is tried again.', error)
      void own.end()
    }
    try {
      await own.connect()
      await own.query('listen users_changed')
      clearTimeout(closeAll)
      closeAll = undefined
      heartbeat = setInterval(() => void own.query('select').catch(giveUp), HEARTBEAT_MS)
      // Whatever was said meanwhile was not heard.
      await review(socketsOf(''))
    } catch (error) {
      giveUp(error)
    }
  }

  // Who was let in by what was read before a change, and is here only after it.
  io.on('connection', (socket) => void review([socket]))
  void listen()

  return {
    stop: async () => {
      stopped = true
      clearTimeout(retry)
      clearTimeout(closeAll)
      await client.end()
    },
  }
}
