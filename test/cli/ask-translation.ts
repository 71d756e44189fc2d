import { join } from 'node:path'
import { openTranslation } from '../../cli/open-translation.ts'
import { runProgram, type WithTranslation } from '../../cli/program.ts'
import { openPipeline } from '../../cli/workspace.ts'

/** Runs command lines that need no warehouse on the pipeline of a folder, each opened for itself, in this process. */
export const askTranslation =
  (folder: string, env: Record<string, string> = {}) =>
  async (...argv: string[]) => {
    const ended = { code: 0, out: '', err: '' }
    const out = (text: string) => {
      ended.out += text
    }
    const err = (text: string) => {
      ended.err += text
    }
    const io = { out, err, env, cwd: folder, columns: 100, isTty: false }
    const opening =
      <Opened extends { close(): Promise<void> }>(open: (file: string) => Promise<Opened>) =>
      async (file: string, work: (opened: Opened, to: typeof io) => Promise<number>) => {
        const opened = await open(join(folder, file))
        try {
          return await work(opened, io)
        } finally {
          await opened.close()
        }
      }
    const withTranslation: WithTranslation = opening((file) => openTranslation(file, { env }))
    const withPipeline = opening((file) => openPipeline(file, { env, create: false }))
    const noWarehouse = () => Promise.reject(new Error('a warehouse was opened'))
    ended.code = await runProgram(argv, io, noWarehouse, withPipeline, { withTranslation })
    return ended
  }
