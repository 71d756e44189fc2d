import * as z from 'zod'
import { pipelineSchema } from './config.ts'
import { modulePath } from './own-module.ts'

/** A piece of the JSON Schema of pipeline.yaml, as far as its errors and its documentation need it. */
export interface Shape {
  type?: string
  description?: string
  default?: unknown
  const?: unknown
  pattern?: string
  enum?: unknown[]
  properties?: Record<string, Shape>
  required?: string[]
  items?: Shape
  additionalProperties?: Shape | boolean
  anyOf?: Shape[]
  oneOf?: Shape[]
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
}

type Path = readonly (string | number)[]

/** The JSON Schema (2020-12) of pipeline.yaml as a user writes it. */
export const configJsonSchema = (): Shape & Record<string, unknown> =>
  z.toJSONSchema(pipelineSchema, { io: 'input' }) as Shape & Record<string, unknown>

/** The same for editors, who are to know `backend: ./mine.mjs` too. */
export const editorJsonSchema = (): Shape & Record<string, unknown> => {
  const schema = configJsonSchema()
  const translator = schema.properties?.translators?.additionalProperties as Shape
  const named = translator.oneOf!.find((one) => one.properties?.backend?.const === 'module')!
  const { module: _, ...properties } = named.properties!
  const own: Shape = {
    ...named,
    properties: {
      ...properties,
      backend: {
        type: 'string',
        pattern: modulePath.source,
        description: 'A JavaScript module of your own, by its path',
      },
    },
    required: named.required!.filter((key) => key !== 'module'),
  }
  translator.oneOf = [...translator.oneOf!, own]
  return schema
}

/** The shape that the schema wants at a path; of alternatives the one that the value there has chosen, if any. */
export const shapeAt = (schema: Shape, path: Path, value: unknown): Shape | undefined => {
  let shape: Shape | undefined = chosen(schema, value)
  let here = value
  for (const step of path) {
    here = child(here, step)
    const next: Shape | undefined = typeof step === 'number' ? shape?.items : keyShape(shape, step)
    shape = next && chosen(next, here)
  }
  return shape
}

/** The keys that a shape knows; of alternatives, those of all. */
export const keysOf = (shape: Shape | undefined): string[] => [
  ...new Set([...Object.keys(shape?.properties ?? {}), ...alternatives(shape).flatMap(keysOf)]),
]

/** The alternatives of a shape: none, or at least two. */
export const alternatives = (shape: Shape | undefined): Shape[] => shape?.oneOf ?? shape?.anyOf ?? []

/** The key and the value by which one alternative differs from the others, as `by: tokens`. */
export const tagOf = (shape: Shape): { key: string; value: string } | undefined => {
  for (const [key, { const: value }] of Object.entries(shape.properties ?? {}))
    if (typeof value === 'string') return { key, value }
  return undefined
}

/** What values a shape takes, in words. */
export const valueWords = (shape: Shape | undefined): string => {
  if (!shape) return 'nothing'
  if (alternatives(shape).length > 0) return alternatives(shape).map(valueWords).join(', or ')
  if (shape.const !== undefined) return String(shape.const)
  if (shape.enum) return shape.enum.length > 1 ? `one of ${shape.enum.join(', ')}` : String(shape.enum[0])
  if (shape.type === 'string') return 'text'
  if (shape.type === 'boolean') return 'true or false'
  if (shape.type === 'integer' || shape.type === 'number') return numberWords(shape)
  if (shape.type === 'array') return `a list of ${listed[valueWords(shape.items)] ?? valueWords(shape.items)}`
  return typeof shape.additionalProperties === 'object' ? 'names and their settings' : 'keys and values'
}

const listed: Record<string, string> = { text: 'texts', 'keys and values': 'entries' }

const numberWords = ({ type, minimum, exclusiveMinimum, maximum }: Shape): string => {
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (exclusiveMinimum !== undefined)
    return `${kind} above ${exclusiveMinimum}${most === undefined ? '' : `, at most ${most}`}`
  if (minimum === undefined) return most === undefined ? kind : `${kind}, at most ${most}`
  return most === undefined ? `${kind}, at least ${minimum}` : `${kind} from ${minimum} to ${most}`
}

const keyShape = (shape: Shape | undefined, key: string): Shape | undefined => {
  if (shape?.properties && Object.hasOwn(shape.properties, key)) return shape.properties[key]
  return typeof shape?.additionalProperties === 'object' ? shape.additionalProperties : undefined
}

const child = (value: unknown, step: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<string | number, unknown>)[step]
    : undefined

const chosen = (shape: Shape, value: unknown): Shape => {
  const isObject = typeof value === 'object' && value !== null
  const fitting = alternatives(shape).filter((one) => {
    const tag = tagOf(one)
    return tag ? child(value, tag.key) === tag.value : isObject && one.type === 'object'
  })
  return fitting.length === 1 ? fitting[0]! : shape
}
