import { startProgram } from '../../test/support/program.js'
import type { RunningServer } from '../../test/support/server.js'
import { expectChange, installOnce, run } from './tools.js'

const FOLDER = 'examples/java'

export const runJava = async (server: RunningServer): Promise<string> => {
  const remedy = 'Install it: apt-get install openjdk-17-jdk-headless maven'
  run('javac', ['-version'], { remedy })
  installOnce(`${FOLDER}/pom.xml`, `${FOLDER}/lib/installed`, () =>
    run(
      'mvn',
      ['-q', '-B', '-f', FOLDER, 'dependency:copy-dependencies', '-DoutputDirectory=lib'],
      { remedy },
    ),
  )
  const args = ['-cp', `${FOLDER}/lib/*`, `${FOLDER}/Client.java`, server.url]
  await using client = await startProgram([...args, await server.login()], { command: 'java' })
  await expectChange(client, server)
  return 'connected and received a change of stock.'
}
