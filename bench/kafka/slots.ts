import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeOpenai } from '../../test/fake-openai/server.ts'
import { startKalam, workFolder } from '../../test/system/kalam.ts'
import { type Installation, onKafka } from './installation.ts'
import type { Sizes } from './sizes.ts'
import { sleep, stageRun } from './stage-run.ts'

const slotCount = 64
const ordinaryMs = 200
const slowMs = 5000
const slowEvery = 100
const warmMs = 8000
const sampleMs = 10

const yaml = (url: string) => `
pipeline: slots
sources: [{ name: rows, path: rows.jsonl }]
chunkings: { lines25: { by: lines } }
translators: { a: { backend: openai, url: "${url}", model: fake, chunking: lines25, slots: ${slotCount} } }
rankings: { release: { candidates: [a] } }
`

/** One translate worker with four partitions and a backlog; every 100th call takes 25 times as long as the others. */
export async function* slots(installation: Installation, { seconds }: Sizes): AsyncGenerator<string> {
  let calls = 0
  const server = await fakeOpenai({ latencyMs: () => (++calls % slowEvery === 0 ? slowMs : ordinaryMs) })
  const meanMs = ordinaryMs + (slowMs - ordinaryMs) / slowEvery
  const perSecond = (slotCount * 1000) / meanMs
  const folder = workFolder()
  // Every row differs, else the memory answers.
  const rows = Array.from({ length: Math.ceil(perSecond * (seconds + warmMs / 1000) * 1.3) }, (_, i) =>
    JSON.stringify({ messages: [{ role: 'user', content: `Row ${i} says something short and of its own.` }] }),
  )
  writeFileSync(join(folder.path, 'rows.jsonl'), `${rows.join('\n')}\n`)
  try {
    const file = await onKafka(installation, folder.path, yaml(server.url))
    for (const stage of ['ingest', 'chunk']) await stageRun(file, folder.path, stage)
    const worker = startKalam(folder.path, ['work', 'translate'])
    try {
      while (server.underWay() === 0) await sleep(20)
      await sleep(warmMs)
      const before = server.stats.answered
      const busy = await busyShares(server.underWay, seconds)
      const answered = server.stats.answered - before
      const sum = busy.reduce((all, share) => all + share, 0)
      const low = Math.min(...perSecondShares(busy))
      yield `${rows.length} chunks, ${slotCount} slots, ${ordinaryMs} ms and 1 % of ${slowMs} ms`
      yield `busy over ${seconds} s  ${((sum / busy.length) * 100).toFixed(1)} % (aim 98 %), in the worst second ${(low * 100).toFixed(1)} %`
      yield `calls/s          ${(answered / seconds).toFixed(0)} of ${perSecond.toFixed(0)} that the server could answer: ${(answered / seconds / perSecond).toFixed(2)}`
    } finally {
      worker.child.kill('SIGTERM')
      await worker.ended
    }
  } finally {
    await server.close()
    folder.remove()
  }
}

const busyShares = async (underWay: () => number, seconds: number): Promise<number[]> => {
  const shares: number[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    shares.push(Math.min(1, underWay() / slotCount))
    await sleep(sampleMs)
  }
  return shares
}

const perSecondShares = (shares: readonly number[]): number[] => {
  const length = Math.ceil(1000 / sampleMs)
  return Array.from({ length: Math.ceil(shares.length / length) }, (_, i) => {
    const second = shares.slice(i * length, (i + 1) * length)
    return second.reduce((all, share) => all + share, 0) / second.length
  })
}
