import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root, startProcess, workFolder } from '../system/kalam.ts'
import { classArchive } from './class-archive.ts'
import { describeKafka } from './describe-kafka.ts'
import { freePorts } from './free-ports.ts'
import { knownNodes } from './kafka-node.ts'
import { consume, newTopic, produce } from './records.ts'

describeKafka('npm run kafka', () => {
  const { path: folder, remove } = workFolder()
  const run = (...args: string[]) =>
    startProcess(['--import', 'tsx', join(root, 'test/kafka/cli.ts'), ...args, '--folder', folder], root).ended
  // What is fetched and made once takes its time outside of a test.
  beforeAll(() => classArchive().then(() => {}))
  afterAll(async () => {
    await run('stop')
    remove()
  })

  it('starts a broker that outlives it, says how it is, and stops it with its data kept', async () => {
    const [port = 0] = await freePorts(1)
    const broker = `127.0.0.1:${port}`
    expect(await run('status')).toMatchObject({ code: 1, out: 'no broker runs; npm run kafka -- start\n' })
    const start = () => run('start', '--port', String(port))
    expect(await start()).toMatchObject({ code: 0, out: `${broker}\n`, err: '' })
    expect((await run('status')).out).toMatch(new RegExp(`^broker 1: ${broker}, process \\d+, serves\n$`))
    const topic = await newTopic([broker])
    await produce([broker], topic, ['kept'])

    expect(await start()).toMatchObject({ code: 0, out: `${broker}\n`, err: expect.stringContaining('runs already') })
    expect(await run('stop')).toMatchObject({ code: 0, out: '' })
    expect(await knownNodes(broker)).toEqual([])
    expect((await start()).code).toBe(0)
    expect(await consume([broker], topic, 1)).toEqual(['kept'])
  })

  it('says what is wrong with what it was asked', async () => {
    expect(await run('start', '--nodes', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('--nodes') })
    expect(await run('restart')).toMatchObject({ code: 2, err: expect.stringContaining('npm run kafka -- start') })
  })
})
