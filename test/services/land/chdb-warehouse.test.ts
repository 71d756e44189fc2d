import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chdbWarehouse } from '../../../services/land/chdb-warehouse.ts'
import { clickhouseWarehouse } from '../../../services/land/clickhouse-warehouse.ts'
import { rowText } from '../../../services/land/row-text.ts'
import { root, startProcess } from '../../system/kalam.ts'
import { openChdb } from './chdb.ts'
import { landAtOnce } from './land-at-once.ts'
import { nativeText } from './native-text.ts'
import { everyKind } from './records.ts'

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const gone = async (pid: number): Promise<void> => {
  for (let i = 0; i < 200 && isRunning(pid); i++) await sleep(25)
}

describe('chDB in a process of its own', () => {
  let chdb: Awaited<ReturnType<typeof openChdb>>
  beforeEach(async () => {
    chdb = await openChdb()
  })
  afterEach(() => chdb.close())

  it('starts anew after it was killed, with all that was written', async () => {
    await chdb.warehouse.insert('runs', rowText([{ run: 'before', offset: 1 }]))
    process.kill(chdb.pids[0]!, 'SIGKILL')
    await gone(chdb.pids[0]!)
    await sleep(50)
    expect(await chdb.warehouse.query('SELECT run FROM v_runs')).toEqual([{ run: 'before' }])
    expect(chdb.pids).toHaveLength(2)
  })

  it('tells the call under way what happened, and that it may be tried again', async () => {
    const query = chdb.warehouse.query('SELECT sleep(3) SETTINGS function_sleep_max_microseconds_per_block = 5000000')
    setTimeout(() => process.kill(chdb.pids[0]!, 'SIGKILL'), 300)
    await expect(query).rejects.toMatchObject({
      code: 'warehouse_unavailable',
      retryable: true,
      message: 'asking chDB: its process ended with SIGKILL',
      hint: expect.stringContaining('memory'),
    })
  })

  it('takes blocks by way of files that are there only meanwhile, and removes what a killed process left', async () => {
    const files = () => readdirSync(chdb.folder).filter((name) => name.startsWith('insert-'))
    const row = { line: 'messages', split: 'blocks', role: 'user', content: 'text' }
    const rows = Array.from({ length: 40 }, (_, n) => nativeText('messages', [{ ...row, message_index: n }]))
    await Promise.all(rows.map((text) => chdb.warehouse.insert('messages', text)))
    expect(await chdb.warehouse.query("SELECT count() AS n FROM v_messages WHERE split = 'blocks'")).toEqual([
      { n: 40 },
    ])
    await expect(chdb.warehouse.insert('no_such_table', rows[0]!)).rejects.toMatchObject({ code: 'query_failed' })
    expect(files()).toEqual([])
    writeFileSync(join(chdb.folder, 'insert-7.native'), 'half')
    await chdb.warehouse.close()
    const next = await chdbWarehouse({ folder: chdb.folder })
    expect(files()).toEqual([])
    expect(await next.query("SELECT count() AS n FROM v_messages WHERE split = 'blocks'")).toEqual([{ n: 40 }])
    await next.close()
  })

  // Only Linux has a file that is always full.
  it.skipIf(!existsSync('/dev/full'))(
    'says that there is no room for a file of blocks, and may be tried again',
    async () => {
      const folder = join(chdb.folder, 'full')
      mkdirSync(folder)
      for (let n = 0; n < 500; n++) symlinkSync('/dev/full', join(folder, `insert-${n}.native`))
      const full = clickhouseWarehouse({ url: 'http://127.0.0.1:9', database: 'kalam', blockFolder: folder })
      await expect(full.insert('messages', nativeText('messages', [{ split: 'x' }]))).rejects.toMatchObject({
        code: 'warehouse_unavailable',
        retryable: true,
        message: expect.stringContaining('ENOSPC'),
        hint: expect.stringContaining('there is room'),
      })
      await full.close()
    },
  )

  it('is landed into through deaths without loss', async () => {
    await chdb.warehouse.insert(
      'live_generations',
      rowText([{ stage: 'translate', line: 'l', generation: 1, offset: 1 }]),
    )
    const write = landAtOnce(
      chdb.warehouse,
      'Translation',
      { line: 'l', generation: 1, partition: 0 },
      new AbortController().signal,
    )
    const killer = (async () => {
      for (const starts of [1, 2]) {
        while (chdb.pids.length < starts) await sleep(25)
        await sleep(100)
        process.kill(chdb.pids.at(-1)!, 'SIGKILL')
      }
    })()
    for (let i = 0; i < 40; i++) {
      const records = everyKind(`split${i}`).flatMap(({ name, record }) => (name === 'Translation' ? [record] : []))
      await write(records as Parameters<typeof write>[0])
      await sleep(40)
    }
    await killer
    expect(chdb.pids.length).toBeGreaterThan(1)
    expect(await chdb.warehouse.query('SELECT count() AS chunks FROM v_chunks')).toEqual([{ chunks: 40 * 8 }])
    expect(await chdb.warehouse.query('SELECT count() AS calls FROM v_calls')).toEqual([{ calls: 40 * 12 }])
  })

  it('is given up after five deaths in a row', async () => {
    let deaths = 0
    const killed = async () => {
      const starts = chdb.pids.length
      const query = chdb.warehouse.query('SELECT sleep(3) SETTINGS function_sleep_max_microseconds_per_block = 5000000')
      query.catch(() => undefined)
      // The first one runs in the process that is there, the others in one that has to start.
      if (deaths++ > 0) for (let i = 0; i < 200 && chdb.pids.length === starts; i++) await sleep(25)
      await sleep(100)
      process.kill(chdb.pids.at(-1)!, 'SIGKILL')
      return query.catch((thrown) => thrown)
    }
    for (let i = 0; i < 4; i++) expect(await killed()).toMatchObject({ retryable: true })
    expect(await killed()).toMatchObject({
      code: 'warehouse_unavailable',
      retryable: false,
      hint: expect.stringContaining('5 times'),
    })
  })

  it('waits for a process that still holds the folder', async () => {
    const second = chdbWarehouse({ folder: chdb.folder })
    await sleep(1500)
    await chdb.warehouse.close()
    const warehouse = await second
    expect(await warehouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    await warehouse.close()
  })

  it('says that another process has the folder when it has waited long enough', async () => {
    await expect(chdbWarehouse({ folder: chdb.folder, patienceMs: 100 })).rejects.toMatchObject({
      code: 'state_in_use',
      message: `starting chDB on ${chdb.folder}: another process has it open`,
      hint: expect.stringContaining('wait'),
    })
  })

  it('ends with the process that owns it, whatever it is doing', async () => {
    const script = `
      import { chdbWarehouse } from '${join(root, 'services/land/chdb-warehouse.ts')}'
      const warehouse = await chdbWarehouse({ folder: ${JSON.stringify(`${chdb.folder}-other`)}, onStart: ({ pid }) => console.log(pid) })
      warehouse.query('SELECT sleepEachRow(3) FROM numbers(20) SETTINGS function_sleep_max_microseconds_per_block = 100000000')
    `
    const owner = startProcess(['--import', 'tsx', '--input-type=module', '-e', script], root)
    let printed = ''
    owner.child.stdout!.on('data', (piece) => {
      printed += piece
    })
    for (let i = 0; i < 200 && !printed.includes('\n'); i++) await sleep(25)
    const pid = Number(printed.trim())
    expect(isRunning(pid)).toBe(true)
    await sleep(300)
    owner.child.kill('SIGKILL')
    await owner.ended
    await gone(pid)
    expect(isRunning(pid)).toBe(false)
  })

  it('says which folder it cannot open, and why', async () => {
    const folder = `${chdb.folder}-damaged`
    mkdirSync(join(folder, 'metadata'), { recursive: true })
    writeFileSync(join(folder, 'metadata/kalam.sql'), 'garbage')
    await expect(chdbWarehouse({ folder })).rejects.toMatchObject({
      code: 'warehouse_unavailable',
      retryable: false,
      message: expect.stringMatching(/^starting chDB: [^\n]*metadata\/kalam\.sql/),
      hint: expect.stringContaining(folder),
    })
  })
})
