import { failpoint } from '../../../dataflow/failpoint.ts'
import { callEnded } from '../../../dataflow/operators/compute-turns.ts'
import type { LocalMemory } from '../lmdb-memory.ts'
import type { Translator } from '../translator.ts'
import { renderedAs } from '../with-memory.ts'
import type { Limiter } from './limiter.ts'

/**
 * The same translator with no more calls under way than the limiter of its endpoint lets in. Answers are on this machine, with their
 * bills, before they are given, and a call keeps its place until then: a process that dies loses no more of them than it has places.
 */
export const limited = (translator: Translator, limiter: Limiter, memory?: Pick<LocalMemory, 'keep'>): Translator => ({
  ...translator,
  translate: (request, options) =>
    limiter.run(
      renderedAs(translator, request).length,
      options.signal,
      async (onRest) => {
        const { signal, onPlace } = options
        onPlace?.()
        failpoint('before_call')
        try {
          const answer = await translator.translate(request, { signal, onPlace, onRest })
          failpoint('after_call')
          return answer
        } finally {
          callEnded()
        }
      },
      memory &&
        (async ({ bill, ...answer }) => {
          const [standing] = await memory.keep([{ key: renderedAs(translator, request).key, answer, bill }])
          return standing ?? answer
        }),
    ),
})
