import { once } from 'node:events'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { formatBytes, formatCount, formatNumber } from '../../core/report/format.ts'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import { loadPipeline } from '../../services/load-config.ts'
import type { Ledger } from '../../services/translate/ledger.ts'
import { type LocalMemory, lmdbMemory } from '../../services/translate/lmdb-memory.ts'
import { exportedAnswers, importAnswers, memoryStats } from '../../services/translate/memory-transfer.ts'
import type { Io } from '../io.ts'
import { silenceLmdb } from '../lmdb-noise.ts'
import { workspaceFolders } from '../workspace.ts'

/** Opens a pipeline's memory, also beside a run: LMDB has room for many processes. */
const withMemory = async <Result>(
  file: string,
  io: Io,
  work: (memory: LocalMemory, folder: string) => Promise<Result>,
): Promise<Result> => {
  const { config, base } = await loadPipeline(file, io.env)
  silenceLmdb()
  const { memoryFolder } = workspaceFolders(base, config)
  const memory = lmdbMemory({ folder: memoryFolder })
  try {
    return await work(memory, memoryFolder)
  } finally {
    await memory.close()
  }
}

/** `kalam memory stats`: what is in the memory, and what was spent. */
export const memoryStatsCommand = (file: string, json: boolean, io: Io): Promise<number> =>
  withMemory(file, io, async (memory, folder) => {
    const stats = memoryStats(memory)
    const bytes = statSync(join(folder, 'memory.mdb')).size
    const accounts = memory.ledger.accounts().map((name) => ({ name, ...memory.ledger.account(name) }))
    if (json) io.out(`${JSON.stringify({ ...stats, bytes, accounts })}\n`)
    else {
      io.out(
        `${formatCount(stats.answers, 'answer')}, ${formatNumber(stats.givenUp)} calls given up, ${formatBytes(bytes)}\n`,
      )
      for (const [model, count] of Object.entries(stats.models))
        io.out(`  ${model || 'no model named'}  ${formatNumber(count)}\n`)
      for (const account of accounts) io.out(accountText(account))
    }
    return 0
  })

const accountText = ({ name, spent, inDoubt, reserved }: { name: string } & ReturnType<Ledger['account']>): string => {
  const usd = (nano: number) => `$${(nano / 1e9).toFixed(6)}`
  const doubt = inDoubt.calls > 0 ? `; in doubt ${inDoubt.calls} calls, at most ${usd(inDoubt.nano)}` : ''
  const underWay = reserved.calls > 0 ? `; under way ${reserved.calls} calls, at most ${usd(reserved.nano)}` : ''
  return `${name}: spent ${usd(spent.nano)}, ${formatNumber(spent.tokens)} tokens, ${formatNumber(spent.calls)} answers${doubt}${underWay}\n`
}

/** `kalam memory export`: every answer as a line of JSON, to a file or stdout. */
export const memoryExport = (file: string, to: string | undefined, io: Io): Promise<number> =>
  withMemory(file, io, async (memory) => {
    const out = to === undefined ? undefined : createWriteStream(to)
    let count = 0
    for (const answer of exportedAnswers(memory)) {
      const line = `${JSON.stringify(answer)}\n`
      if (!out) io.out(line)
      else if (!out.write(line)) await once(out, 'drain')
      count++
    }
    if (out) {
      out.end()
      await once(out, 'finish')
      io.out(`${formatCount(count, 'answer')} in ${to}\n`)
    }
    return 0
  })

/** `kalam memory import`: answers that another memory exported; those that are known stay, and no bill is booked. */
export const memoryImport = (file: string, from: string, io: Io): Promise<number> =>
  withMemory(file, io, async (memory) => {
    const { added, known, bad } = await importAnswers(memory, linesOf(from))
    io.out(`${formatCount(added, 'answer')} added, ${formatNumber(known)} known before; they were paid for elsewhere\n`)
    for (const { line, why } of bad.slice(0, 20)) io.err(`! ${from}:${line}: ${why}\n`)
    if (bad.length > 20) io.err(`! and ${formatNumber(bad.length - 20)} more lines\n`)
    return bad.length > 0 ? 1 : 0
  })

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8')
  const opened = once(input, 'open').catch((thrown) => {
    throw new KalamError('missing_file', `reading ${file}: ${messageOf(thrown)}`)
  })
  await opened
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
}

/** `kalam memory prune`: forgets answers by age or model; what was spent stays booked. */
export const memoryPrune = (
  file: string,
  { olderThan, model, dry }: { olderThan?: string; model?: string; dry: boolean },
  io: Io,
): Promise<number> =>
  withMemory(file, io, async (memory) => {
    if (olderThan === undefined && model === undefined)
      throw new KalamError('usage', 'pruning the memory: it is not said what', {
        hint: '--older-than 90d or --model m',
      })
    const before = olderThan === undefined ? Number.POSITIVE_INFINITY : Date.now() - daysMs(olderThan)
    const keys: string[] = []
    for (const { key, answer } of exportedAnswers(memory))
      if (answer.usage.at_ms < before && (model === undefined || answer.usage.model === model)) keys.push(key)
    if (!dry) await memory.remove(keys)
    io.out(
      `${formatCount(keys.length, 'answer')} ${dry ? 'would be' : ''} forgotten: asked again they cost again\n`.replace(
        '  ',
        ' ',
      ),
    )
    return 0
  })

const dayMs = 86_400_000

const daysMs = (text: string): number => {
  const days = /^(\d+)d$/.exec(text)?.[1]
  if (days === undefined) throw new KalamError('usage', `reading --older-than ${text}: write it like 90d`)
  return Number(days) * dayMs
}

/** Adds `stats`, `export`, `import` and `prune` to the command `memory`. */
export const addMemoryCommands = ({ withPipeline, exampled, command, done, io }: MemoryCommandParts): void => {
  const memory = command('memory', 'the translation memory: what is known and what was spent')
  exampled(
    withPipeline('stats', 'answers by model, bytes, and what was spent by translator', memory).option(
      '--json',
      'for machines',
      false,
    ),
    ['kalam memory stats', 'money is exact to the nano-dollar'],
  ).action(async ({ pipeline, json }: { pipeline: string; json: boolean }) =>
    done(await memoryStatsCommand(pipeline, json, io)),
  )
  exampled(withPipeline('export [file]', 'every answer as a line of JSON', memory), [
    'kalam memory export answers.jsonl',
    'without a file to stdout',
  ]).action(async (to: string | undefined, { pipeline }: { pipeline: string }) =>
    done(await memoryExport(pipeline, to, io)),
  )
  exampled(withPipeline('import <file>', 'answers that another memory exported; known ones stay', memory), [
    'kalam memory import answers.jsonl',
    'they were paid for elsewhere and are not booked',
  ]).action(async (from: string, { pipeline }: { pipeline: string }) => done(await memoryImport(pipeline, from, io)))
  exampled(
    withPipeline('prune', 'forget answers; asked again they cost again', memory)
      .option('--older-than <days>', 'answers older than this, as 90d')
      .option('--model <name>', 'answers of this model')
      .option('--dry', 'only count them', false),
    ['kalam memory prune --older-than 365d --dry', 'what was spent stays booked'],
  ).action(async ({ pipeline, ...what }: { pipeline: string; olderThan?: string; model?: string; dry: boolean }) =>
    done(await memoryPrune(pipeline, what, io)),
  )
}

/** What these commands are made with. */
export interface MemoryCommandParts {
  command(name: string, description: string): Command
  withPipeline(name: string, description: string, parent?: Command): Command
  exampled(of: Command, ...examples: readonly (readonly [command: string, what: string])[]): Command
  done(code: number): void
  io: Io
}
