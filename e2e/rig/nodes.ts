import { startServer, type RunningServer } from '../../test/support/server.js'

/** What the nodes of one cluster share. */
export interface Cluster {
  readonly secret: string
  readonly databaseUrl: string | undefined
  readonly redisUrl: string
}

/** Starts the built server as the node `name` of the cluster. */
export const startNode = (
  name: string,
  { secret, databaseUrl = '', redisUrl }: Cluster,
  more: Readonly<Record<string, string>> = {},
): Promise<RunningServer> =>
  startServer({
    env: {
      JWT_SECRET: secret,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      NODE_NAME: name,
      ...more,
    },
  })
