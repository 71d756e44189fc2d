/** The thread that makes the calls of a process's translators, with a memory of its own on the same file. */
import { parentPort, workerData } from 'node:worker_threads'
import { lmdbMemory } from '../services/translate/lmdb-memory.ts'
import type { ToThread } from '../services/translate/thread/messages.ts'
import { serveCalls } from '../services/translate/thread/serve-calls.ts'
import { tieredMemory } from '../services/translate/tiered-memory.ts'
import { silenceLmdb } from './lmdb-noise.ts'
import { openShared } from './open-translation.ts'
import type { CallsThreadData } from './start-calls-thread.ts'

const { base, env, memory: setting, memoryFolder } = workerData as CallsThreadData
const port = parentPort!
silenceLmdb()
await serveCalls(
  {
    post: (messages) => port.postMessage(messages),
    onMessages: (take: (messages: ToThread[]) => void) => port.on('message', take),
  },
  {
    ...{ base, env, now: Date.now },
    openMemory(onWait) {
      const local = lmdbMemory({ folder: memoryFolder })
      const shared = openShared({ memory: setting }, env, { mostMs: Number.POSITIVE_INFINITY, onWait })
      return shared ? tieredMemory(local, shared) : local
    },
  },
)
// What it has posted still gets there; ends the thread alone, also where somebody still waits for a call.
setImmediate(() => process.exit())
