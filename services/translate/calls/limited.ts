import { failpoint } from '../../../dataflow/failpoint.ts'
import type { Translator } from '../translator.ts'
import type { Limiter } from './limiter.ts'

/** The same translator with no more calls under way than the limiter of its endpoint lets in. */
export const limited = (translator: Translator, limiter: Limiter): Translator => ({
  ...translator,
  translate: (request, options) =>
    limiter.run(translator.render(request).length, options.signal, async (onRest) => {
      failpoint('before_call')
      const answer = await translator.translate(request, { ...options, onRest })
      failpoint('after_call')
      return answer
    }),
})
