import { loadPipeline } from '../services/load-config.ts'
import { askBeside } from './beside-run.ts'
import { limitHeapGrowth } from './heap-growth.ts'
import { processIo } from './io.ts'
import { runProgram, type WithWorkspace } from './program.ts'
import { openWorkspace, workspaceFolders } from './workspace.ts'

limitHeapGrowth()
const io = processIo()
const argv = process.argv.slice(2)

/** Beside a run the command goes to the running process; without one it opens the state folder itself. */
const withWorkspace: WithWorkspace = async (file, work) => {
  const { config, base } = await loadPipeline(file, process.env)
  const { stateFolder } = workspaceFolders(base, config)
  const answer = await askBeside(stateFolder, { argv, columns: io.columns, isTty: io.isTty })
  if (answer) {
    io.out(answer.out)
    io.err(answer.err)
    return answer.code
  }
  const workspace = await openWorkspace(file, { env: process.env, create: false })
  try {
    return await work(workspace, io)
  } finally {
    await workspace.close()
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader went away, as `head` does: nothing is left to be said.
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runProgram(argv, io, withWorkspace)
