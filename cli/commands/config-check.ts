import { stringify } from 'yaml'
import { visibleLine } from '../../core/report/visible-text.ts'
import { type LoadedPipeline, loadPipeline } from '../../services/load-config.ts'
import { checkTranslators } from '../../services/translate/check-translators.ts'
import type { Io } from '../io.ts'

/** `kalam config check`: prints the pipeline with all defaults, or every problem at once; with `suite` it tries its translators. */
export const configCheck = async (file: string, options: { suite?: boolean }, io: Io): Promise<number> => {
  const loaded = await loadPipeline(file, io.env)
  if (options.suite) return trySuite(loaded, io)
  io.out(stringify(loaded.config, { lineWidth: 120 }))
  io.err(`${file} is sound\n`)
  return 0
}

const trySuite = async ({ config, base }: LoadedPipeline, io: Io): Promise<number> => {
  const called = Object.entries(config.translators).flatMap(([name, settings]) => ('slots' in settings ? [name] : []))
  if (called.length > 0) io.err(`calling ${called.join(', ')}: about 25 calls each, which may cost something\n`)
  const onNotice = ({ line, message }: { line: string; message: string }) =>
    io.err(`${line}: ${visibleLine(message)}\n`)
  let failed = 0
  let of = ''
  for await (const { translator, check, problem } of checkTranslators(config, {
    ...{ base, env: io.env, now: Date.now, onNotice },
  })) {
    if (translator !== of) io.out(`${translator}\n`)
    of = translator
    if (problem !== undefined) failed++
    io.out(problem === undefined ? `  ok      ${check}\n` : `  FAILED  ${check}\n          ${visibleLine(problem)}\n`)
  }
  io.err(failed === 0 ? 'all translators pass\n' : `${failed} failed; docs/translators.md says what is expected\n`)
  return failed === 0 ? 0 : 1
}
