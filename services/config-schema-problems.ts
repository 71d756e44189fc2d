import type * as z from 'zod'
import { type Path, type Problem, type ProblemAt, pathName } from './config-problems.ts'
import { alternatives, configJsonSchema, keysOf, type Shape, shapeAt, tagOf, valueWords } from './config-shape.ts'
import { nearName } from './near-name.ts'

type Issue = z.core.$ZodIssue

/** Every problem that the schema found in a value, each at its place and with what was expected. */
export const schemaProblems = (error: z.ZodError, value: unknown, at: ProblemAt): Problem[] => {
  const schema = configJsonSchema()
  return flat(error.issues, []).flatMap(({ issue, path }) => {
    if (issue.code !== 'unrecognized_keys') return [problemOf(issue, path, schema, value, at)]
    return issue.keys.map((key) => at([...path, key], unknownKey(key, path, schema, value), true))
  })
}

/** Issues with whole paths; of a choice between kinds, those of the kind that the value has. */
const flat = (issues: readonly Issue[], around: Path): { issue: Issue; path: Path }[] =>
  issues.flatMap((issue) => {
    const path = [...around, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
    const inner =
      issue.code === 'invalid_union'
        ? issue.errors.find((branch) => branch.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'))
        : undefined
    return inner ? flat(inner, path) : [{ issue, path }]
  })

const problemOf = (issue: Issue, path: Path, schema: Shape, root: unknown, at: ProblemAt): Problem => {
  const name = pathName(path) || 'pipeline.yaml'
  const value = valueAt(root, path)
  const shape = shapeAt(schema, path, root)
  if (issue.code === 'invalid_key')
    return at(path, `${name}: the name ${issue.issues[0]?.message ?? issue.message}`, true)
  if (value === undefined) return at(path, `${name} is missing: ${wanted(issue, shape)}`)
  const shown = path.at(-1) === 'key' ? 'something else' : found(value)
  return at(path, `${name}: ${wanted(issue, shape)}; found ${shown}${meant(issue, value, shape)}`)
}

/** What was expected, in words. */
const wanted = (issue: Issue, shape: Shape | undefined): string => {
  const options = optionsOf(issue)
  if (options) return `expected one of ${options.join(', ')}`
  if (hasOwnText(issue)) return issue.message
  if (issue.code === 'too_small' && issue.origin === 'array') return `expected at least ${issue.minimum} in the list`
  const tags = alternatives(shape).flatMap((one) => tagOf(one) ?? [])
  if (tags.length > 0)
    return `expected keys and values with ${tags.map(({ key, value }) => `${key}: ${value}`).join(' or ')}`
  return shape ? `expected ${valueWords(shape)}` : issue.message
}

/** Whether the schema says itself what it wants, instead of leaving the text to zod. */
const hasOwnText = ({ code, message }: Issue): boolean =>
  code === 'custom' || code === 'invalid_format' || (code === 'invalid_type' && !message.startsWith('Invalid input'))

/** What a key may be that chooses between alternatives, as `backend`. */
const optionsOf = (issue: Issue): unknown[] | undefined =>
  issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options) ? issue.options : undefined

const found = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'keys and values'
  const text = String(value)
  return text === '' ? 'an empty text' : text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const meant = (issue: Issue, value: unknown, shape: Shape | undefined): string => {
  const options = optionsOf(issue) ?? [shape, ...alternatives(shape)].flatMap((one) => one?.enum ?? one?.const ?? [])
  return didYouMean(String(value), options.map(String))
}

const unknownKey = (key: string, path: Path, schema: Shape, root: unknown): string => {
  const shape = shapeAt(schema, path, root)
  const known = keysOf(shape)
  const text = `unknown key ${pathName([...path, key])}${didYouMean(key, known)}`
  if (text.endsWith('?')) return text
  const home = otherHome(key, path, schema, root)
  return `${text}${home ? `; ${key} belongs to ${home}` : ''}; known here: ${known.join(', ')}`
}

/** The alternative beside the chosen one that has a key, as `backend: openai`. */
const otherHome = (key: string, path: Path, schema: Shape, root: unknown): string | undefined => {
  const around = path.length > 0 ? shapeAt(schema, path.slice(0, -1), root)?.additionalProperties : undefined
  const home = typeof around === 'object' ? alternatives(around).find((one) => keysOf(one).includes(key)) : undefined
  const tag = home && tagOf(home)
  return tag && `${tag.key}: ${tag.value}`
}

/** The end of a message that suggests the nearest name, or nothing. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const near = nearName(name, names)
  return near === undefined ? '' : `; did you mean ${near}?`
}

const valueAt = (root: unknown, path: Path): unknown => {
  let value = root
  for (const step of path)
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined
  return value
}
