import type { Io } from '../../cli/io.ts'
import { openTranslation } from '../../cli/open-translation.ts'
import { runProgram } from '../../cli/program.ts'
import { openPipeline, openWorkspace } from '../../cli/workspace.ts'
import type { Ended } from './kalam.ts'

/** Commands whose pipeline is an argument, not the option -p. */
const byArgument = new Set(['run', 'plan', 'estimate', 'config check'])
/** Commands that need no pipeline. */
const without = new Set(['init'])

/**
 * Runs commands of the CLI in this process, on one pipeline.yaml and with an environment of its own: a process takes longer to
 * start than most of them to run. No other process may be on the pipeline.
 */
export const kalamHere =
  (file: string, env: Record<string, string> = {}) =>
  async (command: string, ...args: string[]): Promise<Ended> => {
    const ended: Ended = { code: 0, signal: null, out: '', err: '' }
    const io: Io = {
      out: (text) => {
        ended.out += text
      },
      err: (text) => {
        ended.err += text
      },
      ...{ env, cwd: process.cwd(), columns: 100, isTty: false },
    }
    const opened =
      <Opened extends { close(): Promise<void> }>(open: (file: string, how: Opening) => Promise<Opened>) =>
      async (of: string, work: (opened: Opened, io: Io) => Promise<number>) => {
        const workspace = await open(of, { env, create: false })
        try {
          return await work(workspace, io)
        } finally {
          await workspace.close()
        }
      }
    const pipeline = byArgument.has(command) ? [file] : ['-p', file]
    const argv = [...command.split(' '), ...args, ...(without.has(command) ? [] : pipeline)]
    const withTranslation = opened(openTranslation)
    const translations = { withTranslation, withMemory: withTranslation }
    ended.code = await runProgram(argv, io, opened(openWorkspace), opened(openPipeline), translations)
    return ended
  }

type Opening = Parameters<typeof openWorkspace>[1]
