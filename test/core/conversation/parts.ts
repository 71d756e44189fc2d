import type { Role } from '../../../core/conversation/model.ts'
import { parseMessage } from '../../../core/conversation/parse-message.ts'

/** The parts as [type, text], translated ones marked with a star. */
export function parts(content: string, role: Role = 'assistant'): [string, string][] {
  return parseMessage(role, content).map(({ type, kind, text }) => [kind === 'translate' ? `${type}*` : type, text])
}
