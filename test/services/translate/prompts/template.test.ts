import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type PromptTemplate,
  templateProblems,
  templatePrompt,
} from '../../../../services/translate/prompts/template.ts'
import { hostileText } from '../../../core/conversation/hostile-text.ts'
import { requestOf } from '../fake-line.ts'

const of = (part: Partial<PromptTemplate>) =>
  templatePrompt(
    { template: '{text}', api: 'completions', stop: [], parse: 'trim', ...part },
    { name: 'mine', version: 3 },
  )
const request = requestOf('Hi', { sourceLanguage: 'en', targetLanguage: 'ar-EG' })

describe('a template', () => {
  it('has the text, the languages and their codes put in, each as often as it stands there', () => {
    const template = '{source_language}/{source_code} {target_language}/{target_code}: {text} {"a": {}} {text}'
    expect(of({ template }).render(request)).toEqual({ prompt: 'English/en Arabic/ar-EG: Hi {"a": {}} Hi' })
    expect(of({ template, api: 'chat' }).render(request)).toEqual({
      messages: [{ role: 'user', content: 'English/en Arabic/ar-EG: Hi {"a": {}} Hi' }],
    })
  })

  it('leaves any text as it is, variables and replacement signs too', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.constantFrom('{text}', '$&', '$1', "$'", '{target_code}')), (text) => {
        expect(of({ template: 'a {text} b' }).render({ ...request, text })).toEqual({ prompt: `a ${text} b` })
      }),
    )
  })

  it('speaks of the source language where it is not known', () => {
    const { render } = of({ template: 'The {source_language}: {text}' })
    expect(render({ ...request, sourceLanguage: 'und' })).toEqual({ prompt: 'The source language: Hi' })
  })

  it('gives stops only where there are any, and a limit of tokens to raw completions', () => {
    expect(of({})).not.toHaveProperty('stop')
    expect(of({ stop: ['###'] }).stop).toEqual(['###'])
    expect([0, 1, 9].map((attempt) => of({}).maxTokens?.(attempt))).toEqual([512, 1024, 4096])
    expect(of({ api: 'chat' })).not.toHaveProperty('maxTokens')
  })

  it.each([
    ['trim', ' مرحبا\n', 'مرحبا'],
    ['trim', '<think>x</think> مرحبا', '<think>x</think> مرحبا'],
    ['after_think', '<think>x</think>\n\nمرحبا\n', 'مرحبا'],
    ['after_think', 'مرحبا', 'مرحبا'],
    ['after_think', ' <think>it never ends', ''],
  ] as const)('reads answers by %s: %j', (parse, answer, text) => expect(of({ parse }).parse(answer)).toBe(text))

  it('tells what it says besides the text, and what it is made of', () => {
    const prompt = of({ template: 'Into {target_language}, please: {text}' })
    expect(prompt.instructions(request)).toBe('Into Arabic, please: \n')
    expect(prompt).toMatchObject({
      name: 'mine',
      version: 3,
      settings: { template: 'Into {target_language}, please: {text}' },
    })
  })
})

describe('what is wrong with a template', () => {
  it.each([
    ['{text}', []],
    ['{"key": "{text}"} {}', []],
    ['{text} in {language}', ['there is no variable {language}']],
    ['{lang} {lang} {Text} {text}', ['there is no variable {lang}', 'there is no variable {Text}']],
    ['Translate.', ['{text} is missing']],
    ['{{text}}', ['variables have one brace on each side']],
    ['{{ text }}', ['variables have one brace on each side', '{text} is missing']],
  ])('%j', (template, problems) => {
    const found = templateProblems(template)
    expect(found.map((one, i) => one.startsWith(problems[i] ?? 'nothing'))).toEqual(problems.map(() => true))
    expect(found).toHaveLength(problems.length)
  })
})
