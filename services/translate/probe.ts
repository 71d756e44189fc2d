import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../../dataflow/error.ts'
import { orAborted } from './abortable.ts'
import { greeting } from './calls/retried.ts'
import type { Memory } from './memory.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from './translator.ts'
import { memoryKey } from './with-memory.ts'

/** Asks a translator for a greeting before anything is taken in; nothing when the memory has its answer, or one of an earlier process. */
export type Probe = (options: { patienceMs: number; signal: AbortSignal }) => Promise<void>

const againMs = 1000

/**
 * Makes the probe of a translator. KalamError as the call meets it when its settings have to be mended: a refused key, a model that is
 * not there, a page instead of an answer, or, after `patienceMs`, a server that cannot be reached. A server that is only busy is fine.
 * `refuse` throws where an answer, also one of the memory, shows that settings have to be mended.
 */
export const probeOf =
  (
    translator: Translator,
    memory: Memory,
    { targetLanguage, refuse }: { targetLanguage: string; refuse(answer: TranslateAnswer): void },
  ): Probe =>
  async ({ patienceMs, signal }) => {
    const request: TranslateRequest = {
      ...{ text: greeting, sourceLanguage: 'en', targetLanguage },
      ...{ id: 'a greeting', messageIndex: 0, sample: 0, attempt: 0 },
    }
    const key = memoryKey(translator, request)
    const look = await orAborted(memory.get([key]), signal).catch((thrown) => {
      if (!signal.aborted) throw thrown
    })
    if (look?.[0]) refuse(look[0])
    if (!look || look[0]) return
    for (const until = Date.now() + patienceMs; !signal.aborted; await sleep(againMs)) {
      try {
        const { bill, ...answer } = await translator.translate(request, { signal })
        // It is no call of the dataset's: a budget of calls has them all left.
        const spent = bill && { ...bill, spending: { ...bill.spending, calls: 0 } }
        await orAborted(memory.put([{ key, answer, bill: spent }]), signal)
        refuse(answer)
        return
      } catch (thrown) {
        if (signal.aborted) return
        if (!(thrown instanceof KalamError)) throw thrown
        // A used-up budget stops the line by itself, and its answers in the memory still serve.
        if (thrown.code === 'budget_used_up') return
        if (isToMend(thrown)) throw thrown
        if (thrown.code !== 'backend_unreachable') return
        if (Date.now() > until) throw thrown
      }
    }
  }

const isToMend = ({ retryable, details }: KalamError): boolean => !retryable || details.toMend === true
