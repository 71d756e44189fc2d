/** `npm run test:faults -- --seed S --rounds N`: rounds of faults on a real broker; parts add up in `.faults/rounds.jsonl`. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../kalam.ts'
import { playRounds, type Round } from './rounds.ts'
import { startWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '20' },
    part: { type: 'string', default: '20' },
    nodes: { type: 'string', default: '1' },
    kinds: { type: 'string' },
  },
})
const seed = Number(values.seed)
const nodes = Number(values.nodes)
const kinds = values.kinds?.split(',')
const counts = { ingest: 2, chunk: 2, translate: 2, score: 2, rank: 2, land: 2 }
const notes = join(root, '.faults')
const results = join(notes, 'rounds.jsonl')
mkdirSync(notes, { recursive: true })

interface Noted extends Round {
  seed: number
  nodes: number
}

const noted = (): Noted[] =>
  existsSync(results)
    ? readFileSync(results, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Noted)
    : []

const say = (text: string) => process.stdout.write(`${text}\n`)

/** A part is played on a fresh installation and counts only when it equals an undisturbed run. */
const playPart = async (from: number, rounds: number): Promise<void> => {
  const world = await startWorld({ nodes, counts })
  try {
    const told = ({ round, fault, seconds }: Round) => say(`${round} ${fault} ${seconds.toFixed(1)} s`)
    const played = await playRounds(world, { seed, rounds, from, told, ...(kinds && { kinds }) })
    const differences = [...(await world.compare()), ...world.services.surprises]
    if (differences.length > 0)
      throw new Error(`seed ${seed}, rounds ${from} to ${from + rounds - 1}:\n${differences.join('\n')}`)
    for (const round of played) appendFileSync(results, `${JSON.stringify({ ...round, seed, nodes })}\n`)
  } catch (thrown) {
    const file = join(notes, `seed-${seed}-from-${from}.log`)
    writeFileSync(file, await world.diagnosis())
    say(`what the status, verify and the services said is in ${file}`)
    throw thrown
  } finally {
    await world.close()
  }
}

const before = noted().filter((round) => round.seed === seed && round.nodes === nodes).length
for (let done = 0; done < Number(values.rounds); done += Number(values.part)) {
  await playPart(before + done, Math.min(Number(values.part), Number(values.rounds) - done))
}
const byFault = new Map<string, number>()
for (const { fault } of noted()) byFault.set(fault, (byFault.get(fault) ?? 0) + 1)
say(
  `${noted().length} rounds so far, each equal to an undisturbed run: ${[...byFault].map(([fault, n]) => `${fault} ${n}`).join(', ')}`,
)
