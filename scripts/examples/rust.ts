import { startProgram } from '../../test/support/program.js'
import type { RunningServer } from '../../test/support/server.js'
import { expectChange, run } from './tools.js'

const FOLDER = 'examples/rust'

export const runRust = async (server: RunningServer): Promise<string> => {
  run('cargo', ['build', '--quiet', '--locked', '--manifest-path', `${FOLDER}/Cargo.toml`], {
    remedy: 'Install it: apt-get install cargo pkg-config libssl-dev, or https://rustup.rs',
  })
  await using client = await startProgram([server.url, await server.login()], {
    command: `${FOLDER}/target/debug/uzima-rust-client`,
  })
  await expectChange(client, server)
  return 'connected and received a change of stock.'
}
