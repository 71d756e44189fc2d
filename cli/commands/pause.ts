import { pauseEntry } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import { lineNamed } from '../../services/replay.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam pause <line>`: a translator line stops, and rankings wait for it or go on without it. */
export const pause = async (workspace: Workspace, name: string, rankWithout: boolean, io: Io): Promise<number> => {
  const line = translatorNamed(workspace, name, 'pausing')
  await workspace.feed.change(() => [pauseEntry('translate', line, rankWithout ? 'skipping' : 'waiting')])
  io.out(
    rankWithout
      ? `${line} is paused: what comes to it from now on is skipped, and rankings go on without it\n`
      : `${line} is paused, and rankings wait for it; --rank-without lets them go on\n`,
  )
  io.out(`kalam resume ${line}   goes on\n`)
  return 0
}

/** `kalam resume <line>`: it goes on where it stopped; what was skipped stays skipped. */
export const resume = async (workspace: Workspace, name: string, io: Io): Promise<number> => {
  const line = translatorNamed(workspace, name, 'resuming')
  await workspace.feed.change(() => [pauseEntry('translate', line, 'resumed')])
  // On a cluster its service takes it up by itself.
  const isAtOnce = workspace.isRunning || workspace.config.log !== 'embedded'
  io.out(`${line} goes on${isAtOnce ? '' : ' with the next run'}\n`)
  return 0
}

const translatorNamed = ({ config }: Workspace, name: string, doing: string): string => {
  const { stage, line } = lineNamed(config, name)
  if (stage === 'translate') return line
  throw new KalamError('usage', `${doing} ${name}: it is a ${stage} line`, {
    hint: 'Only translator lines pause: they are what costs money and waits for servers.',
  })
}
