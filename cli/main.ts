import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../dataflow/error.ts'
import { armFailpoint } from '../dataflow/failpoint.ts'
import { pipelineAsBuilt } from '../services/load-config.ts'
import { askBeside } from './beside-run.ts'
import { limitHeapGrowth } from './heap-growth.ts'
import { type Io, processIo } from './io.ts'
import { whenOutputIsLost } from './lost-output.ts'
import { openTranslation, workspaceFolders } from './open-translation.ts'
import { runProgram, type WithTranslation } from './program.ts'
import { tellOnce } from './tell-once.ts'
import { showAnswers } from './watch.ts'
import { openPipeline, openWorkspace } from './workspace.ts'

limitHeapGrowth()
// For tests: KALAM_FAILPOINT=before_end@2 dies there.
armFailpoint(process.env.KALAM_FAILPOINT ?? '')
const io = processIo()
const argv = process.argv.slice(2)

/** Beside a run the command goes to the running process; without one it opens the state folder itself. */
const withOpened =
  <Opened extends { close(): Promise<void> }>(
    open: (
      file: string,
      environment: { env: NodeJS.ProcessEnv; create: boolean; onWait: ReturnType<typeof tellOnce> },
    ) => Promise<Opened>,
  ) =>
  async (file: string, work: (opened: Opened, io: Io) => Promise<number>): Promise<number> => {
    const { config, base } = await pipelineAsBuilt(file, process.env)
    const { stateFolder } = workspaceFolders(base, config)
    const ask = () => askBeside(stateFolder, { argv, cwd: io.cwd, columns: io.columns, isTty: io.isTty })
    let opened: Opened | undefined
    for (const until = Date.now() + beginningMs; !opened; await sleep(againMs)) {
      const answer = await ask()
      if (answer) return showAnswers(answer, ask, io)
      opened = await open(file, { env: process.env, create: false, onWait: tellOnce(io) }).catch((thrown) => {
        // A run that has just begun has the folder before it answers.
        if (!(thrown instanceof KalamError) || thrown.code !== 'state_in_use' || Date.now() > until) throw thrown
        return undefined
      })
      if (opened) break
    }
    try {
      return await work(opened, io)
    } finally {
      await opened.close()
    }
  }

/** How long a command waits for a run that has the folder and does not answer yet. */
const beginningMs = 10_000
const againMs = 200

const codeOf = whenOutputIsLost(argv[0], { stdout: process.stdout, stderr: process.stderr, exit: process.exit })
// The last thing it says may be lost behind its end.
process.on('exit', (code) => {
  process.exitCode = codeOf(code)
})

/** Opens in this process, also beside a run. */
const withOwn: WithTranslation = async (file, work) => {
  const opened = await openTranslation(file, { env: process.env })
  try {
    return await work(opened, io)
  } finally {
    await opened.close()
  }
}

/** Everything is closed by now; a client that was connecting anew just then must not keep the command from ending. */
const endSoon = (): void => {
  const timer = setInterval(() => {
    if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit()
  }, endMs)
  timer.unref()
}
const endMs = 1000

process.exitCode = await runProgram(argv, io, withOpened(openWorkspace), withOpened(openPipeline), {
  withTranslation: withOpened(openTranslation),
  withMemory: withOwn,
})
endSoon()
