import { createHash } from 'node:crypto'
import { KalamError } from '../../../dataflow/error.ts'
import { canonicalJson } from '../../../dataflow/settings-hash.ts'
import type { TranslateRequest, Translator } from '../translator.ts'
import { commandFingerprint } from './command-fingerprint.ts'
import { type ExecProgramOptions, execProgram } from './exec-program.ts'
import { ownError, readOwnAnswer } from './own-answer.ts'

const version = 1

/** Settings of a program of the user. */
export interface ExecOptions extends Omit<ExecProgramOptions, 'env' | 'beforeStart'> {
  /** The environment, of which the program gets PATH, HOME, LANG and what `pass` names. */
  env: Record<string, string | undefined>
  pass: readonly string[]
  /** Raised by the user when the program answers otherwise. */
  version: string
  slots: number
  now(): number
}

/**
 * A program of the user, told requests and telling answers as lines of JSON, in any order (docs/translators.md). What answers depend
 * on is the text, the languages, sample and attempt: the place in the conversation is sent for messages only.
 */
export const exec = (options: ExecOptions): Translator => {
  const { name, command, cwd, slots, now } = options
  const fingerprintNow = () =>
    createHash('sha256')
      .update(canonicalJson([`exec@${version}`, options.version, commandFingerprint(command, cwd)]))
      .digest('hex')
  const fingerprint = fingerprintNow()
  const program = execProgram({
    ...options,
    env: variablesOf(options.env, options.pass),
    beforeStart() {
      if (fingerprintNow() === fingerprint) return
      throw new KalamError('settings_changed', `starting ${command.join(' ')} for ${name}: it was edited meanwhile`, {
        details: { unreached: true },
        hint: 'Run again: edited programs are other translators, kalam plan shows what would run.',
      })
    },
  })
  return {
    backend: 'exec',
    fingerprint,
    slots,
    paid: true,
    render: (request) => canonicalJson(askedOf(request)),
    async translate(request, { signal }) {
      const started = performance.now()
      const doing = `translating ${request.id}#${request.messageIndex} with ${name}`
      const { id: conversation, messageIndex: message_index, sample, attempt } = request
      const fields = { ...askedOf(request), conversation, message_index, sample, attempt }
      const answer = await program.ask(fields, { doing, signal })
      const { error } = answer
      if (error !== undefined && error !== null) {
        const message = typeof error === 'string' ? error : JSON.stringify(error)
        throw ownError({ message, retryable: answer.retryable === true, name }, doing)
      }
      return readOwnAnswer(answer, { doing, latencyMs: performance.now() - started, nowMs: now() })
    },
    close: program.close,
  }
}

const askedOf = ({ text, sourceLanguage, targetLanguage }: TranslateRequest) => ({
  text,
  source_language: sourceLanguage,
  target_language: targetLanguage,
})

const variablesOf = (env: ExecOptions['env'], pass: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'LANG', ...pass].flatMap((name) => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
