import type { Reporter, TestModule } from 'vitest/node'

interface Tally {
  passed: number
  failed: number
  readonly skipped: Map<string, number>
}

/**
 * Ends a run with one line that says how many tests ran on each store, why any did not, and which passed only when they
 * were tried again (.ci/run tries once more): such a test, or what it tests, has a race to be found.
 */
export default class StoresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tallies = new Map<string, Tally>()
    for (const testModule of modules) count(testModule, tallies)
    const parts = [...tallies].map(([project, tally]) => `${project}: ${describe(tally)}`)
    if (parts.length === 0) return
    console.log(`\n${parts.join(', ')}`)
    for (const [project, { skipped }] of tallies) {
      for (const [reason, times] of skipped) {
        console.log(`  not on ${project} (${String(times)}): ${reason}`)
      }
    }
    for (const name of modules.flatMap(triedAgain))
      console.log(`  passed at the second try: ${name}`)
  }
}

const triedAgain = (testModule: TestModule): string[] =>
  [...testModule.children.allTests()]
    .filter((test) => test.diagnostic()?.flaky)
    .map(({ fullName }) => `${testModule.relativeModuleId}: ${fullName}`)

const count = (testModule: TestModule, tallies: Map<string, Tally>): void => {
  const project = testModule.project.name
  const tally = tallies.get(project) ?? { passed: 0, failed: 0, skipped: new Map<string, number>() }
  tallies.set(project, tally)
  let failedTests = 0
  for (const test of testModule.children.allTests()) {
    const result = test.result()
    if (result.state === 'passed') tally.passed += 1
    else if (result.state === 'failed') failedTests += 1
    else if (result.state === 'skipped') {
      const reason = result.note ?? 'no reason given'
      tally.skipped.set(reason, (tally.skipped.get(reason) ?? 0) + 1)
    }
  }
  // A file that fails outside its tests, by a hook or an import, counts as one failure.
  tally.failed += failedTests === 0 && testModule.state() === 'failed' ? 1 : failedTests
}

const describe = ({ passed, failed }: Tally): string => {
  return failed === 0
    ? `${String(passed)} passed`
    : `${String(passed)} passed, ${String(failed)} failed`
}
