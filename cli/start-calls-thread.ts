import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { KalamError } from '../dataflow/error.ts'
import type { PipelineConfig } from '../services/config.ts'
import type { FromThread, ThreadPort, ToThread } from '../services/translate/thread/messages.ts'
import { ownThreads, stepBack } from './step-back.ts'

/** What the thread opens for itself. */
export interface CallsThreadData {
  base: string
  env: Record<string, string | undefined>
  memory: PipelineConfig['memory']
  memoryFolder: string
}

/**
 * Starts the thread that makes calls; `onEnd` is told when it has ended, with what ended it. What the process computes besides steps
 * back: places at the endpoint stand empty while an answer waits for a core.
 */
export const startCallsThread = (
  workerData: CallsThreadData,
  onEnd: (thrown: unknown) => void,
): ThreadPort<ToThread, FromThread> => {
  const started = program().then((url) => {
    const others = ownThreads()
    const worker = new Worker(url, { workerData })
    stepBack(others)
    worker.on('error', onEnd)
    worker.on('exit', (code) => onEnd(new KalamError('internal', `making calls: their thread ended with ${code}`)))
    return worker
  })
  started.catch(onEnd)
  const withWorker = (work: (worker: Worker) => void) => void started.then(work, () => undefined)
  return {
    post: (messages) => withWorker((worker) => worker.postMessage(messages)),
    onMessages: (take) => withWorker((worker) => worker.on('message', take)),
  }
}

/** Compiled, it stands beside this; tests run the TypeScript itself, where a thread would not find its sources. */
const program = async (): Promise<URL> => {
  if (!import.meta.url.endsWith('.ts')) return new URL('./calls-thread.js', import.meta.url)
  const compiler = new URL('../bin/compiled.js', import.meta.url).href
  const { compiled } = (await import(compiler)) as { compiled(): Promise<string> }
  return pathToFileURL(join(await compiled(), 'calls-thread.js'))
}
