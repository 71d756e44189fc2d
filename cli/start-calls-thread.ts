import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { KalamError } from '../dataflow/error.ts'
import type { PipelineConfig } from '../services/config.ts'
import type { FromThread, ThreadPort, ToThread } from '../services/translate/thread/messages.ts'

/** What the thread opens for itself. */
export interface CallsThreadData {
  base: string
  env: Record<string, string | undefined>
  memory: PipelineConfig['memory']
  memoryFolder: string
}

/** Starts the thread that makes calls; `onEnd` is told when it has ended, with what ended it. */
export const startCallsThread = (
  workerData: CallsThreadData,
  onEnd: (thrown: unknown) => void,
): ThreadPort<ToThread, FromThread> => {
  const worker = new Worker(...program(workerData))
  worker.on('error', onEnd)
  worker.on('exit', (code) => onEnd(new KalamError('internal', `making calls: their thread ended with ${code}`)))
  return {
    post: (messages) => worker.postMessage(messages),
    onMessages: (take) => worker.on('message', take),
  }
}

/** Compiled, it stands beside this; from the TypeScript itself, as tests run it, it is compiled at its start. */
const program = (workerData: CallsThreadData): [string, { workerData: CallsThreadData; execArgv?: string[] }] => {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  return import.meta.url.endsWith('.ts')
    ? [path('./calls-thread.ts'), { workerData, execArgv: ['--import', import.meta.resolve('tsx')] }]
    : [path('./calls-thread.js'), { workerData }]
}
