import { startProgram } from '../../test/support/program.js'

/** Stock Socket.IO as a child process; see stock-server.ts. */
export interface StockServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Resolves when the order has been carried out. */
  readonly order: (order: {
    readonly revoke?: readonly string[]
    readonly emit?: { readonly count: number; readonly bytes: number }
  }) => Promise<void>
}

export const startStock = async (): Promise<StockServer> => {
  const program = await startProgram(['--import', 'tsx', 'benchmarks/frame/stock-server.ts'])
  const [, url = ''] = await program.says(/Stock Socket\.IO is at (\S+)/)
  return {
    url,
    pid: program.pid,
    order: async (order) => {
      await fetch(`${url}/order`, { method: 'POST', body: JSON.stringify(order) })
    },
    [Symbol.asyncDispose]: program.kill9,
  }
}
