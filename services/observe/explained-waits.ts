import type { GroupLabels } from './group-labels.ts'

/** Whom a wait is about; without a line all of the stage, without a stage everything. */
export interface WaitingFor {
  stage?: string
  line?: string
}

/** Waits with a known reason: while one is on, a task that stands still is not stuck. */
export interface ExplainedWaits {
  /** Something waits, or a call is under way, until about this time. */
  explain(who: WaitingFor, untilMs: number): void
  /** Until when standing still is explained for a task; -Infinity when it never was. */
  until(labels: Pick<GroupLabels, 'stage' | 'line'>): number
}

/** Keeps the latest end of the waits of every stage and line. */
export const explainedWaits = (): ExplainedWaits => {
  const ends = new Map<string, number>()
  const endOf = (stage: string, line: string) => ends.get(`${stage} ${line}`) ?? Number.NEGATIVE_INFINITY
  return {
    explain({ stage = '', line = '' }, untilMs) {
      if (untilMs > endOf(stage, line)) ends.set(`${stage} ${line}`, untilMs)
    },
    until({ stage, line }) {
      // Samples of a translator share its server.
      const translator = line.replace(/-s\d+$/, '')
      return Math.max(endOf('', ''), endOf(stage, ''), endOf(stage, line), endOf(stage, translator))
    },
  }
}
