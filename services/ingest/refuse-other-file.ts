import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { KalamError } from '../../dataflow/error.ts'
import { dataExtensions, isDataFile } from './file-names.ts'

/** Refuses what is no data file and no folder, and says how to make a data file of it. KalamError missing_file. */
export const refuseOtherFile = (file: string): void => {
  const stats = statSync(file, { throwIfNoEntry: false })
  const refuse = (fact: string, hint: string) => new KalamError('missing_file', `looking at ${file}: ${fact}`, { hint })
  if (!stats) throw refuse('there is no such file', 'Name a data file, or a folder of data files.')
  if (stats.isDirectory()) return
  if (isDataFile(file)) {
    if (!/\.(?:jsonl|ndjson)$/.test(file) || !isOneList(file)) return
    const target = file.replace(/(\.[^./]+)$/, '-lines$1')
    throw refuse('it is one list, and not one JSON object a line', `Make one of it:  ${listed(file, target)}`)
  }
  const makes = makers.find(([extension]) => file.endsWith(extension))?.[1]
  const target = `${file.replace(/\.[^./]*$/, '')}.jsonl`
  throw refuse(
    `kalam reads ${dataExtensions.join(', ')}`,
    makes ? `Make one of it:  ${makes(file, target)}` : 'Write it with one JSON object a line, into a file .jsonl.',
  )
}

const pandas = (read: string) => (file: string, target: string) =>
  `python3 -c "import pandas; pandas.${read}('${file}').to_json('${target}', orient='records', lines=True)"`

const listed = (file: string, target: string): string => `jq -c '.[]' ${file} > ${target}`

/** How much of a file is looked at. */
const headBytes = 4096

const headOf = (file: string): string => {
  const opened = openSync(file, 'r')
  try {
    const head = Buffer.alloc(headBytes)
    return head
      .toString('utf8', 0, readSync(opened, head, 0, headBytes, 0))
      .replace(/^\ufeff/, '')
      .trimStart()
  } finally {
    closeSync(opened)
  }
}

/** Whether a file is one list over several lines; a row of its own may be a list too. */
const isOneList = (file: string): boolean => {
  const head = headOf(file)
  const [line = ''] = head.split('\n', 1)
  const isCut = line.length === head.length && statSync(file).size > headBytes
  if (!line.startsWith('[') || isCut) return false
  try {
    JSON.parse(line)
    return false
  } catch {
    return true
  }
}

const makers: [extension: string, command: (file: string, target: string) => string][] = [
  ['.json', (file, target) => (headOf(file).startsWith('{') ? `mv ${file} ${target}` : listed(file, target))],
  ['.csv', pandas('read_csv')],
  ['.tsv', pandas('read_table')],
]
