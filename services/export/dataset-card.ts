import type { PipelineConfig } from '../config.ts'
import { cardMark } from './export-folder.ts'

/** Rows of one split in an export. */
export interface SplitCount {
  split: string
  kept: number
  dropped: number
  /** Rows whose winner is no translation but the pseudo translator's output. */
  pseudo: number
}

/** The card of an exported dataset: a configuration per split, what the rows are, and how they were made. */
export const datasetCard = (about: {
  config: PipelineConfig
  ranking: string
  splits: SplitCount[]
  version: string
}): string => {
  const { config, ranking, splits, version } = about
  const kept = splits.filter((split) => split.kept > 0)
  const total = (count: (split: SplitCount) => number) => splits.reduce((sum, split) => sum + count(split), 0)
  const pseudo = total((split) => split.pseudo)
  const { candidates, keep, weights } = config.rankings[ranking]!
  return `---
language: [${config.target.language}]
task_categories: [text-generation]
tags: [kalam, translation, chat${pseudo > 0 ? ', pseudo' : ''}]
configs:
${kept.map(({ split }) => `  - config_name: ${split}\n    data_files: data/${split}.parquet`).join('\n')}
---
# ${config.pipeline}: ${ranking}

Chat conversations translated into ${config.target.language} (${config.target.variety})${candidates.length > 1 ? ` by ${candidates.length} translator lines; of every conversation the best-ranked candidate` : ''}.
${pseudo > 0 ? `\n**${pseudo} rows hold output of the \`pseudo\` translator: letters mapped to letters, no translation. Do not train on them.**\n` : ''}${originNote(config, candidates)}
| split | kept | dropped |
|---|---:|---:|
${splits.map(({ split, kept: rows, dropped }) => `| ${split} | ${rows} | ${dropped} |`).join('\n')}
| all | ${total((split) => split.kept)} | ${total((split) => split.dropped)} |

## Columns

| column | meaning |
|---|---|
| messages | The winner's turns: role, content |
| chat_template_kwargs | As in the source, not translated |
| LR, SCR | Length ratio and script purity over whole contents |
| rank_score | (LR + SCR) / 2 |
| source | Configuration the row comes from |
| id | source/split/row: the same for ever |
| split | Split of the source |
| source_messages | The turns before translation |
| winner, why, margin | Which candidate won, why, and by how much |
| keep, reasons | The verdict, and why a row was dropped |
| pseudo | true = no translation |
| candidates | Every candidate's place, score and metrics (JSON) |
| flags | Findings, with their places |
| columns | Other columns of the source row (JSON) |

Candidates: ${candidates.map((line) => `${line} (${config.translators[line.replace(/-s\d+$/, '')]?.backend ?? ''})`).join(', ')}. Weights: ${JSON.stringify(weights)}. Kept when: ${JSON.stringify(keep)}.
Sources: ${config.sources.map(({ name, path }) => `${name} (${path})`).join(', ')}.
${cardMark}${version}.
`
}

const originNote = ({ translators }: PipelineConfig, candidates: string[]): string => {
  const recorded = candidates.filter((line) => translators[line]?.backend === 'recorded')
  return recorded.length === 0 ? '' : `\nTranslations of ${recorded.join(', ')} were replayed from recordings.\n`
}
