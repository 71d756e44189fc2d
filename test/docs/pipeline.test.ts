import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processIo } from '../../cli/io.ts'
import { runProgram } from '../../cli/program.ts'
import { examples } from '../../docs/pipeline-examples.ts'
import { pipelinePage, pipelineSchemaText, settingsWithoutExample } from '../../docs/pipeline-page.ts'
import { settingGroups } from '../../docs/setting-rows.ts'
import { configJsonSchema, editorJsonSchema, type Shape } from '../../services/config-shape.ts'
import { parsePipeline } from '../../services/load-config.ts'
import { root } from '../system/kalam.ts'
import { completePipeline, yamlBlocks } from './yaml-blocks.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = [
  'README.md',
  'examples/sample/README.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
]
const blocks = pages
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => yamlBlocks(read(path)).map((block) => ({ place: `${path}:${block.line}`, text: block.text })))

describe('docs/pipeline.md', () => {
  it('is what npm run generate makes of the schema', () => {
    expect(read('docs/pipeline.md')).toBe(pipelinePage())
  })

  it('has a row for every setting', () => {
    const settings = settingGroups(configJsonSchema()).flatMap((group) => group.settings)
    expect(settings.length).toBeGreaterThan(40)
    const page = pipelinePage()
    for (const { path } of settings) expect(page).toContain(`| \`${path.join('.')}\` |`)
  })

  it('explains every setting and shows an example of it', () => {
    const silent = settingGroups(configJsonSchema()).flatMap(({ section, settings }) =>
      settings.filter(({ shape }) => !shape.description).map(({ path }) => `${section}.${path.join('.')}`),
    )
    expect(silent).toEqual([])
    expect(settingsWithoutExample()).toEqual([])
  })

  it('has an example for every section and none for others', () => {
    const sections = new Set(settingGroups(configJsonSchema()).map(({ section }) => section))
    expect(Object.keys(examples)).toEqual([...sections])
  })
})

describe('docs/pipeline.schema.json', () => {
  it('is what npm run generate makes of the schema', () => {
    expect(read('docs/pipeline.schema.json')).toBe(pipelineSchemaText())
  })

  it('knows every backend in one way, and a module by its path', () => {
    const { oneOf } = editorJsonSchema().properties!.translators!.additionalProperties as Shape
    const fitting = (backend: string) =>
      oneOf!.filter(({ properties }) => {
        const { const: name, pattern } = properties!.backend!
        return name === backend || (pattern !== undefined && new RegExp(pattern).test(backend))
      })
    for (const backend of ['openai', 'exec', 'module', './mine.mjs', '../ours/translate.ts', '/opt/a.js'])
      expect(fitting(backend), backend).toHaveLength(1)
    for (const backend of ['mine.mjs', 'nothing', './mine.py']) expect(fitting(backend), backend).toEqual([])
    expect(fitting('./mine.mjs')[0]!.required).not.toContain('module')
  })

  it('is what kalam config schema prints', async () => {
    let out = ''
    const io = {
      ...processIo(),
      out: (text: string) => {
        out += text
      },
    }
    expect(await runProgram(['config', 'schema'], io, () => Promise.reject(new Error('opens no workspace')))).toBe(0)
    expect(out).toBe(pipelineSchemaText())
  })
})

describe('YAML blocks of the pages', () => {
  it('are found', () => {
    expect(blocks.filter(({ place }) => place.startsWith('docs/pipeline.md')).length).toBeGreaterThan(5)
    expect(blocks.filter(({ place }) => place.startsWith('README.md')).length).toBeGreaterThan(0)
  })

  it.each(blocks)('parse as a pipeline at $place', ({ place, text }) => {
    expect(() => parsePipeline(completePipeline(text), place)).not.toThrow()
  })

  it('would not parse with a wrong key, type or name', () => {
    const first = examples.translators ?? ''
    const broken = [
      first.replace('prompt:', 'promt:'),
      first.replace('slots: 256', 'slots: many'),
      'rankings: { release: { candidates: [a] } }\ntranslators: { b: { backend: pseudo, chunking: c } }',
    ]
    expect(() => parsePipeline(completePipeline(first), 'whole')).not.toThrow()
    for (const text of broken) expect(() => parsePipeline(completePipeline(text), 'broken')).toThrow(/broken/)
  })
})
