import { statSync } from 'node:fs'
import { KalamError } from '../../dataflow/error.ts'
import { dataExtensions, isDataFile } from './file-names.ts'

/** Refuses what is no data file and no folder, and says how to make a data file of it. KalamError missing_file. */
export const refuseOtherFile = (file: string): void => {
  const stats = statSync(file, { throwIfNoEntry: false })
  const refuse = (fact: string, hint: string) => new KalamError('missing_file', `looking at ${file}: ${fact}`, { hint })
  if (!stats) throw refuse('there is no such file', 'Name a data file, or a folder of data files.')
  if (stats.isDirectory() || isDataFile(file)) return
  const makes = makers.find(([extension]) => file.endsWith(extension))?.[1]
  const target = `${file.replace(/\.[^./]*$/, '')}.jsonl`
  throw refuse(
    `kalam reads ${dataExtensions.join(', ')}`,
    makes ? `Make one of it:  ${makes(file, target)}` : 'Write it with one JSON object a line, into a file .jsonl.',
  )
}

const pandas = (read: string) => (file: string, target: string) =>
  `python3 -c "import pandas; pandas.${read}('${file}').to_json('${target}', orient='records', lines=True)"`

const makers: [extension: string, command: (file: string, target: string) => string][] = [
  ['.json', (file, target) => `jq -c '.[]' ${file} > ${target}`],
  ['.csv', pandas('read_csv')],
  ['.tsv', pandas('read_table')],
]
