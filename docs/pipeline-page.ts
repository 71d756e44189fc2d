import { parse, stringify } from 'yaml'
import { configJsonSchema, editorJsonSchema } from '../services/config-shape.ts'
import { examples } from './pipeline-examples.ts'
import { type Setting, type SettingGroup, settingGroups, typeWords } from './setting-rows.ts'

/** The text of `docs/pipeline.schema.json`. */
export const pipelineSchemaText = (): string => `${JSON.stringify(editorJsonSchema(), null, 2)}\n`

/** The text of `docs/pipeline.md`: every setting with its type, default, meaning and an example. */
export const pipelinePage = (): string => {
  const groups = settingGroups(configJsonSchema())
  const sections = [...new Set(groups.map(({ section }) => section))]
  return [head, ...sections.map((section) => sectionText(section, groups)), hashes].join('\n')
}

/** Settings that no example shows, by their section and path. */
export const settingsWithoutExample = (): string[] =>
  settingGroups(configJsonSchema()).flatMap((group) =>
    group.settings
      .filter((setting) => exampleOf(group, setting) === undefined)
      .map(({ path }) => [group.section, group.tag?.value, ...path].filter((step) => step !== undefined).join('.')),
  )

const sectionText = (section: string, groups: SettingGroup[]): string => {
  const own = groups.filter((group) => group.section === section)
  const tables = own.map((group) => `${group.tag ? `### ${tagText(group)}\n\n` : ''}${table(group)}`)
  const title = section === 'general' ? 'The file itself' : section
  return `## ${title}\n\n${intros[section] ?? ''}\n\n${tables.join('\n')}\n\`\`\`yaml\n${(examples[section] ?? '').trim()}\n\`\`\`\n`
}

const tagText = ({ section, tag }: SettingGroup): string => `${section} with \`${tag?.key}: ${tag?.value}\``

const table = (group: SettingGroup): string => {
  const rows = group.settings.map((setting) => {
    const { path, shape } = setting
    const example = exampleOf(group, setting)
    return [
      `\`${path.join('.')}\``,
      typeWords(shape),
      defaultText(setting),
      plain(shape.description ?? ''),
      example === undefined ? '' : code(example),
    ]
  })
  const lines = [['setting', 'type', 'default', 'meaning', 'example'], ['---', '---', '---', '---', '---'], ...rows]
  return `${lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`
}

const defaultText = ({ shape, isRequired }: Setting): string => {
  if (shape.default !== undefined) return code(shape.default)
  return isRequired ? 'required' : 'none'
}

/** A description as Markdown shows it letter by letter. */
const plain = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('*', '\\*')

const code = (value: unknown): string =>
  `\`${stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim()}\``

/** The value that the section's example gives to a setting, best in an entry of the same alternative. */
const exampleOf = ({ section, tag }: SettingGroup, { path }: Setting): unknown => {
  const example = parsedExamples[section]
  const root: unknown[] = section === 'general' ? [example] : Object.values(valueAt(example, [section]) ?? {})
  const fits = (entry: unknown) => tag === undefined || valueAt(entry, [tag.key]) === tag.value
  const values = [...root.filter(fits), ...root].map((entry) => valueAt(entry, path))
  return values.find((value) => value !== undefined)
}

const parsedExamples: Record<string, unknown> = Object.fromEntries(
  Object.entries(examples).map(([section, text]) => [section, parse(text)]),
)

const valueAt = (value: unknown, path: string[]): unknown =>
  path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined),
    value,
  )

const head = `<!-- Generated from services/config.ts by \`npm run generate\`. Do not edit. -->
# pipeline.yaml

One file describes a pipeline: its sources, how messages are cut, who translates, how the best candidate is chosen, and where things are kept.
Unknown keys are errors, and all problems are shown at once with line and column:

\`\`\`
npm run -s kalam -- config check pipeline.yaml    # every problem, or the file with all its defaults
npm run -s kalam -- config schema                 # the JSON Schema, for editors
\`\`\`

Relative paths start from the folder of pipeline.yaml. Secrets are never in it: \`key\` and \`url\` name variables of the environment as \`$NAME\`.

## In an editor

Editors with the YAML language server (the YAML extension of VS Code, yaml-language-server in Neovim, Emacs and others) complete keys, show these
texts and underline mistakes when the first line of the file names the schema, by a path from that file or a URL:

\`\`\`yaml
# yaml-language-server: $schema=./pipeline.schema.json
pipeline: my-chats
\`\`\`

The schema is [pipeline.schema.json](pipeline.schema.json) beside this page; \`config schema\` prints the same text, to be kept beside a
pipeline.yaml elsewhere. It knows names, types and limits. What needs the other settings or the disk, such as a translator that names a chunking,
only \`config check\` sees.
`

const intros: Record<string, string> = {
  general: 'Settings at the top of the file.',
  sources: `A list. Every entry is a dataset; rows of a source are known by \`<source>/<split>/<row>\` for ever, so a new revision of the data gets a new name.
Without \`columns\` rows have the smoltalk2 shape: \`messages\` with \`role\` and \`content\`, and \`chat_template_kwargs\`.`,
  chunkings: 'By name: letters, digits, `_` and `-`, at most 60, not ending in `-s<number>` or `-g<number>`.',
  translators: `By name, as chunkings. Each is a line of its own: a topic with one version of every conversation. \`recorded\` replays a file, \`pseudo\` maps letters to
letters (both call nothing), \`openai\` talks to a model, \`exec\` and \`module\` to a program or module of yours: [translators.md](translators.md).`,
  rankings: `By name, as chunkings. A ranking chooses among candidates; a dataset is written for each. The order of candidates decides when all else is equal.
Metrics have the names that \`v_scores\` shows: \`lr\`, \`scr\` over translated parts, \`lr_all\`, \`scr_all\` over whole contents, \`turns\`, and the counts of tokens.`,
}

const hashes = `## What can be changed later

A line is built with its settings, and a run stops when they have changed, naming the line and the setting: put it back, give the edited line a
new name, or build it anew beside the old one with \`kalam replay <line>\`: all lines after it come along, answers that are known cost nothing, and
\`kalam promote <line>\` makes the new ones live. \`kalam plan\` says so before anything runs. A source, translator or ranking that
is taken out of the file is \`not named\`: it does nothing more, and what came of it stays. \`partitions\` and how sources are read are fixed for the life of a pipeline.

These do not count, because results do not depend on them: \`state\` and \`out\` (move the folders yourself), a source's \`path\`, a translator's \`url\`,
\`key\`, \`pass\`, \`slots\`, \`timeout_s\` and \`start_timeout_s\`, and a recording's \`file\` as long as what is in it is the same. \`warehouse\` does not count either, but rows that
were written to the old one stay there. More \`samples\` are new lines beside those that are there.
`
