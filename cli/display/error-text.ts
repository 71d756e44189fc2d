import { visibleControls } from '../../core/report/visible-text.ts'
import { type ErrorCode, KalamError, messageOf } from '../../dataflow/error.ts'

/** An error for a person: code, what was being done, the fact, what to do. A stack only when asked for. */
export const errorText = (thrown: unknown, withStack: boolean): string => visibleControls(textOf(thrown, withStack))

type Told = readonly [code: ErrorCode, hint: string]

const unknown: Told = ['internal', 'KALAM_DEBUG=1 shows where.']
const full: Told = [
  'disk_full',
  'The disk is full. Nothing committed is lost: make room and run the same command again.',
]
const closed: Told = [
  'no_permission',
  'This user may not write there: give it the right, or set state: and out: in pipeline.yaml to folders that it owns.',
]
/** What the system says, by its code. */
const ofSystem = new Map<unknown, Told>([
  ...['ENOSPC', 'EFBIG', 'EDQUOT'].map((code) => [code, full] as const),
  ...['EACCES', 'EPERM', 'EROFS'].map((code) => [code, closed] as const),
])

const textOf = (thrown: unknown, withStack: boolean): string => {
  const stack = withStack && thrown instanceof Error ? `\n${thrown.stack}` : ''
  if (!(thrown instanceof KalamError)) {
    const [code, hint] = ofSystem.get((thrown as { code?: unknown })?.code) ?? unknown
    return `error ${code}: ${messageOf(thrown)}\n\n  ${hint}${stack}`
  }
  return `error ${thrown.code}: ${thrown.message}${thrown.hint ? `\n\n  ${thrown.hint.replaceAll('\n', '\n  ')}` : ''}${stack}`
}
