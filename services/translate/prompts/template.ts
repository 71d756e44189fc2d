import { completionTokens, isNamed, languageName, type Prompt, type PromptRequest } from './prompt.ts'

/** A prompt as data: what is sent, with `{text}` and the other variables in it. */
export interface PromptTemplate {
  template: string
  api: 'chat' | 'completions'
  stop: readonly string[]
  /** What is the translation in an answer: all of it, or what stands behind the thinking of a reasoning model. */
  parse: 'trim' | 'after_think'
}

/** What stands for each variable of a template. */
const variables: Record<string, (request: PromptRequest) => string> = {
  text: ({ text }) => text,
  source_language: ({ sourceLanguage }) => nameOf(sourceLanguage),
  target_language: ({ targetLanguage }) => nameOf(targetLanguage),
  source_code: ({ sourceLanguage }) => sourceLanguage,
  target_code: ({ targetLanguage }) => targetLanguage,
}

const nameOf = (code: string): string => (isNamed(code) ? languageName(code) : 'source language')

/** A variable, or what looks like one; braces around anything else are braces. */
const variable = /\{([A-Za-z_][\w.-]*)\}/g

/** What is wrong with a template, in words: variables that do not exist, braces that are doubled, no text; nothing when it is right. */
export const templateProblems = (template: string): string[] => {
  const used = [...template.matchAll(variable)].map(([, name = '']) => name)
  const known = Object.keys(variables)
  const unknown = [...new Set(used)].filter((name) => !known.includes(name))
  return [
    ...unknown.map((name) => `there is no variable {${name}}; there is ${known.map((one) => `{${one}}`).join(', ')}`),
    ...(/\{\{\s*[A-Za-z_]/.test(template) ? ['variables have one brace on each side, as {text}'] : []),
    ...(used.includes('text') ? [] : ['{text} is missing, for which each segment is put']),
  ]
}

/** A prompt made of a template: one user turn, or a text to go on with. Variables inside the text are text. */
export const templatePrompt = (of: PromptTemplate, { name, version }: { name: string; version: number }): Prompt => {
  const { template, api, stop, parse } = of
  const filled = (request: PromptRequest) =>
    template.replace(variable, (whole, key: string) => variables[key]?.(request) ?? whole)
  return {
    name,
    version,
    settings: of,
    api,
    render: (request) => {
      const content = filled(request)
      return api === 'chat' ? { messages: [{ role: 'user', content }] } : { prompt: content }
    },
    instructions: (languages) => filled({ ...languages, text: '\n' }),
    parse: (answer) => (parse === 'after_think' ? behindThinking(answer) : answer).trim(),
    ...(stop.length > 0 && { stop }),
    ...(api === 'completions' && { maxTokens: completionTokens }),
  }
}

/** What stands behind the last end of thinking; nothing when thinking was begun and not ended. */
const behindThinking = (answer: string): string => {
  const end = answer.lastIndexOf('</think>')
  if (end !== -1) return answer.slice(end + '</think>'.length)
  return /^\s*<think>/.test(answer) ? '' : answer
}
