/**
 * Commits to two topics and three partitions for ever and prints the number of every commit that is acknowledged:
 * `committer.ts <folder> [bytes]`. Goes on behind its committed position; every third commit has about `bytes`.
 */
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { KalamError } from '../../../dataflow/error.ts'
import { outputsOf } from './committer-outputs.ts'

const [folder = '', bytes = '0'] = process.argv.slice(2)
const log = embeddedLog({ folder })
await log.createTopics(['in', 'one', 'two'].map((topic) => ({ topic, partitions: 3 })))
const membership = await log.join({
  group: 'committer',
  inputs: ['in'],
  async work(task) {
    if (task.partition !== 0) return
    for (let n = task.start.in!; ; n++) {
      await task.commit(outputsOf(n, n % 3 === 0 ? Number(bytes) : 0), { in: n + 1 })
      process.stdout.write(`${n}\n`)
    }
  },
})
try {
  await membership.done
} catch (thrown) {
  if (!(thrown instanceof KalamError)) throw thrown
  process.stdout.write(`${thrown.code}: ${thrown.message}\n`)
  await log.close()
}
