import { visibleControls } from '../../core/report/visible-text.ts'
import { KalamError, messageOf } from '../../dataflow/error.ts'

/** An error for a person: code, what was being done, the fact, what to do. A stack only when asked for. */
export const errorText = (thrown: unknown, withStack: boolean): string => visibleControls(textOf(thrown, withStack))

const textOf = (thrown: unknown, withStack: boolean): string => {
  const stack = withStack && thrown instanceof Error ? `\n${thrown.stack}` : ''
  if (!(thrown instanceof KalamError)) {
    const code = (thrown as { code?: unknown })?.code
    const full = code === 'ENOSPC' || code === 'EFBIG' || code === 'EDQUOT'
    const hint = full
      ? 'The disk is full. Nothing committed is lost: make room and run the same command again.'
      : 'KALAM_DEBUG=1 shows where.'
    return `error ${full ? 'disk_full' : 'internal'}: ${messageOf(thrown)}\n\n  ${hint}${stack}`
  }
  return `error ${thrown.code}: ${thrown.message}${thrown.hint ? `\n\n  ${thrown.hint.replaceAll('\n', '\n  ')}` : ''}${stack}`
}
