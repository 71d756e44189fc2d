import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type BookedCall, totalsOf } from '../../test/fake-openai/books.ts'
import { fakeProcess } from '../../test/fake-openai/own-process.ts'
import type { FakeSettings } from '../../test/fake-openai/settings.ts'
import { compiledMain } from '../compiled-main.ts'
import { kalamEnv, kalamNode } from '../kalam-node.ts'
import { flowFolder } from './flow-folder.ts'
import type { Usage } from './own-usage.ts'

/** A run and what the server booked of it. */
export interface MeasuredRun extends Usage {
  calls: BookedCall[]
  /** Answers of the server, those that were asked for twice counted twice. */
  answers: number
  /** From the first call until the last answer. */
  callSeconds: number
}

/** What is run: rows through the whole flow, or their calls through a bare pool. */
export interface RunOf {
  what: 'flow' | 'pool'
  rows: readonly string[]
  slots: number
  server: FakeSettings
  timeoutS?: number
}

/** Runs the flow or the pool in a process of its own against a fake server in another. */
export const measuredRun = async ({ what, rows, slots, server: settings, ...more }: RunOf): Promise<MeasuredRun> => {
  const server = await fakeProcess(settings)
  const folder = flowFolder(rows, { url: server.url, slots, ...more })
  try {
    const args =
      what === 'flow'
        ? [await compiledMain('translate', 'flow-main'), folder.file]
        : [await compiledMain('translate', 'pool-main'), folder.file, server.url, String(slots)]
    const usage = JSON.parse(await output(args)) as Usage
    const calls = await server.calls()
    const first = calls.reduce((least, { startMs }) => Math.min(least, startMs), Infinity)
    const last = calls.reduce((most, { endMs }) => Math.max(most, endMs), 0)
    return { ...usage, calls, answers: totalsOf(calls).paid, callSeconds: (last - first) / 1000 }
  } finally {
    await server.stop()
    folder.remove()
  }
}

/** What the flow's functions alone take for rows, in a process of their own. */
export const functionsAlone = async (rows: readonly string[]): Promise<Usage> => {
  const folder = flowFolder(rows, { url: 'http://127.0.0.1:9/v1', slots: 1 })
  try {
    return JSON.parse(await output([await compiledMain('translate', 'functions-main'), folder.file])) as Usage
  } finally {
    folder.remove()
  }
}

const output = async (args: string[]): Promise<string> => {
  const [node = '', ...flags] = kalamNode
  const child = spawn(node, [...flags, ...args], {
    env: { ...process.env, ...kalamEnv },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    out += piece
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`)
  return out
}
