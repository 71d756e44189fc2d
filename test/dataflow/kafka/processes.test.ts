import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Log } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { freshName } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { sharedKafka } from '../../kafka/shared-kafka.ts'
import type { CopyWorkerOptions } from './copy-worker.ts'
import { appending, expectCopied, until } from './copying.ts'
import { testLog } from './test-log.ts'

const partitions = 4

describeKafka('processes of one group', { timeout: 150_000 }, () => {
  let log: Log
  let folder: string
  const children: ChildProcess[] = []
  beforeEach(async () => {
    log = await testLog()
    folder = mkdtempSync(join(tmpdir(), 'kalam-members-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const groupOf = async (sessionTimeoutMs: number): Promise<CopyWorkerOptions> => {
    const [input, output] = [freshName('input'), freshName('output')]
    await log.createTopics([input, output].map((topic) => ({ topic, partitions })))
    return { brokers: await sharedKafka(), group: freshName('group'), input, output, sessionTimeoutMs }
  }
  const start = (options: CopyWorkerOptions) => {
    const args = ['--import', 'tsx', join(import.meta.dirname, 'copy-worker.ts'), JSON.stringify(options)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const events: LogEvent[] = []
    createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line) as LogEvent))
    const held = () => events.findLast(({ kind }) => kind === 'joined' || kind === 'rebalanced')?.partitions?.length
    const ended = once(child, 'exit')
    return { child, events, held, ended }
  }

  it('go on long before the end of a session when one is killed and started again', async () => {
    const options = { ...(await groupOf(30_000)), memberFolder: folder }
    const killed = start(options)
    await until(() => killed.held() === 4)
    killed.child.kill('SIGKILL')
    await killed.ended
    const killedAt = Date.now()
    const again = start(options)
    await until(() => again.held() === 4)
    expect(Date.now() - killedAt).toBeLessThan(20_000)
  })

  it.skipIf(process.env.KALAM_LONG !== '1')(
    'copy everything once when one is killed, one sleeps for two sessions and both end in order',
    async () => {
      const options = await groupOf(3000)
      const writing = appending(log, options.input, partitions)
      const first = start(options)
      const killed = start(options)
      await until(() => first.held() === 2 && killed.held() === 2)
      killed.child.kill('SIGKILL')
      await until(() => first.held() === 4)
      const sleeping = start(options)
      await until(() => first.held() === 2 && sleeping.held() === 2)
      sleeping.child.kill('SIGSTOP')
      await until(() => first.held() === 4)
      await sleep(2 * options.sessionTimeoutMs)
      sleeping.child.kill('SIGCONT')
      await until(() => first.held() === 2 && sleeping.held() === 2)
      await sleep(1000)
      const before = writing.written()
      await until(() => writing.written() > before + 20)
      await writing.end()
      await expectCopied(log, options.input, options.output, partitions)
      // Who woke up may throw the rightful owner out once at most.
      for (let partition = 0; partition < partitions; partition++) {
        const thrownOut = first.events.filter(
          (event) => event.kind === 'fenced' && event.partitions?.includes(partition),
        )
        expect(thrownOut.length).toBeLessThanOrEqual(1)
      }
      for (const { child, ended } of [first, sleeping]) {
        child.kill('SIGTERM')
        expect(await ended).toEqual([0, null])
      }
    },
  )
})
