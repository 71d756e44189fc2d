import { KalamError } from '../dataflow/error.ts'
import type { WaitEvent } from '../services/translate/calls/retried.ts'
import type { TranslatorLine } from '../services/translate/open-translator.ts'

/** Gives up calls that a run would wait with. */
export interface TryPatience {
  /** To be told what the translator waits for. */
  onWait(event: WaitEvent): void
  /** Works with a signal that is aborted, with the KalamError to show, when nothing but help or a long wait would go on. */
  during<Result>(line: Pick<TranslatorLine, 'stand'>, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>
}

const awayMs = 5000
const lookMs = 50

/**
 * The patience of somebody who tries one text: none with a refused key, a wrong model or an empty balance, a few seconds with a server
 * that is away; a server that is busy is waited for.
 */
export const tryPatience = (): TryPatience => {
  const giveUp = new AbortController()
  let awaySince: number | undefined
  return {
    onWait({ reason, message }) {
      if (reason !== 'backend_unreachable') return
      awaySince ??= Date.now()
      if (Date.now() - awaySince < awayMs) return
      const hint = 'A run would wait until the server is there. Check url of the translator in pipeline.yaml.'
      giveUp.abort(new KalamError('backend_unreachable', message, { hint }))
    },
    async during(line, work) {
      const look = setInterval(() => {
        const { code, message, hint } = line.stand?.reason ?? {}
        if (code !== undefined && message !== undefined)
          giveUp.abort(new KalamError(code, message, hint === undefined ? {} : { hint }))
      }, lookMs)
      try {
        return await work(giveUp.signal)
      } finally {
        clearInterval(look)
      }
    },
  }
}
