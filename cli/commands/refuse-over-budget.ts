import { KalamError } from '../../dataflow/error.ts'
import type { BudgetLimit } from '../../services/estimate/budget-stand.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { limitText } from '../display/estimate-text.ts'
import type { Io } from '../io.ts'
import { makeEstimate } from '../make-estimate.ts'

/** The sample that a run is refused by: small, because every run waits for it. */
const sample = { rows: 200, seed: 1, wholeBytes: 16 * 2 ** 20, gpuTokensPerSecond: 1500 }

/**
 * Refuses a run when even the low estimate of a translator is over what is left of its budget: KalamError budget_used_up,
 * before anything is called or written. Costs nothing where no translator has a budget.
 */
export const refuseOverBudget = async (file: string, io: Io, signal: AbortSignal): Promise<void> => {
  const loaded = await loadPipeline(file, io.env)
  const withBudget = new Set(
    Object.entries(loaded.config.translators).flatMap(([name, settings]) =>
      settings.backend === 'openai' && Object.keys(settings.budget).length > 0 ? [name] : [],
    ),
  )
  if (withBudget.size === 0) return
  const estimate = await makeEstimate(loaded, {
    ...{ ...sample, env: io.env, signal },
    only: (name) => withBudget.has(name),
    patience: { mostMs: Number.POSITIVE_INFINITY, onWait: onceTold(io) },
  }).catch((thrown) => {
    // Whoever stops the run while it waits wants no error.
    if (!signal.aborted) throw thrown
  })
  const over = (estimate?.translators ?? []).filter(({ budget }) => budget?.isOver)
  if (over.length === 0) return
  const told = over.map(({ name, budget }) => `translators.${name}.budget: ${overText(budget!.limits)}`)
  throw new KalamError('budget_used_up', `estimating ${file}: more is needed than is left\n  ${told.join('\n  ')}`, {
    details: { translators: over.map(({ name }) => name) },
    hint: `Nothing was called. Raise the budget in pipeline.yaml, or spend what is left on a share of every split:
  kalam run ${file} --until-budget
kalam estimate ${file} shows what every split takes.`,
  })
}

/** A run waits for a shared memory, and says so once. */
const onceTold = (io: Io) => {
  let isTold = false
  return ({ message }: { message: string }) => {
    if (!isTold) io.err(`waiting for the shared memory: ${message}\n`)
    isTold = true
  }
}

const overText = (limits: readonly BudgetLimit[]): string =>
  limits
    .filter(({ left, needed }) => needed && needed.low > left)
    .map(limitText)
    .join('; ')
