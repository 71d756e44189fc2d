import { afterAll, afterEach } from 'vitest'

type Work = () => unknown

const afterTests: Work[] = []
const afterFiles: Work[] = []

/** Does something once the test is over: the next end of a test of this file. */
export const afterTest = (work: Work): unknown => afterTests.push(work)

/** Does something once the tests of the file are over. */
export const afterFile = (work: Work): unknown => afterFiles.push(work)

const runAll = async (works: Work[]): Promise<void> => {
  for (const work of works.splice(0)) await work()
}

/**
 * Called for every file of tests by `clean-up-setup.ts`. Hooks that a shared module registers for itself hold for the first file that
 * loads it alone, where files share a process.
 */
export const cleanUpAfterTests = (): void => {
  afterEach(() => runAll(afterTests))
  afterAll(() => runAll(afterFiles))
}
