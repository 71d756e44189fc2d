import { formatCount, formatNumber } from '../../core/report/format.ts'
import type { SourceCheckpoint } from '../../schemas/records.ts'
import type { SourceConfig } from '../../services/config.ts'
import { nearName } from '../../services/near-name.ts'

/** Why the tables do not know a row: where it may be is read already, so it is none, or not. */
export interface NotRead {
  /** Whether everything that could hold it has been read. */
  read: boolean
  fact: string
  hint: string
}

interface Checkpoints {
  files: ReadonlyMap<string, SourceCheckpoint>
  rowsOfSplit: ReadonlyMap<string, number>
}

/** Says what the sources' checkpoints tell of an id or a `file:line` that no table has. */
export const notRead = (what: string, sources: readonly SourceConfig[], checkpoints: Checkpoints): NotRead => {
  const files = [...checkpoints.files.values()]
  const place = /^(.+):(\d+)$/.exec(what)
  return place ? placeNotRead(place[1]!, Number(place[2]), files) : idNotRead(what, sources, files)
}

const goOn = 'kalam run goes on with it; kalam status shows how far each file was read.'

const placeNotRead = (name: string, line: number, files: readonly SourceCheckpoint[]): NotRead => {
  const file = files.find(
    (known) => known.file === name || known.file.endsWith(`/${name}`) || name.endsWith(`/${known.file}`),
  )
  if (!file) {
    const open = files.length === 0 || files.some(({ done }) => !done)
    const near = nearName(
      name,
      files.map((known) => known.file),
    )
    const hint =
      near === undefined
        ? `Read so far: ${someNames(files.map((known) => known.file))}.`
        : `Did you mean ${near}:${line}?`
    return {
      read: !open || near !== undefined,
      fact: `no file ${name} has been read`,
      hint: open && near === undefined ? goOn : hint,
    }
  }
  if (line >= file.line && !file.done)
    return { read: false, fact: `${file.file} was read up to line ${formatNumber(file.line - 1)}`, hint: goOn }
  return {
    read: true,
    fact:
      line >= file.line
        ? `${file.file} ends at line ${formatNumber(file.line - 1)}`
        : `line ${line} of ${file.file} was read and is no row`,
    hint: 'Empty lines are no rows.',
  }
}

const idNotRead = (id: string, sources: readonly SourceConfig[], files: readonly SourceCheckpoint[]): NotRead => {
  const [source = '', split, row] = id.split('/')
  const names = sources.map(({ name }) => name)
  if (split === undefined || row === undefined || !names.includes(source)) {
    const near = nearName(source, names)
    return {
      read: true,
      fact: names.includes(source) ? 'an id has three steps' : `there is no source ${source}`,
      hint: `An id is source/split/row, a place is file:line. ${near === undefined || near === source ? `Sources: ${someNames(names)}.` : `Did you mean ${near}?`}`,
    }
  }
  const own = files.filter((file) => file.source === source)
  const rows = own.reduce((sum, { split_rows }) => sum + (split_rows[split] ?? 0), 0)
  const splits = [...new Set(own.flatMap(({ split_rows }) => Object.keys(split_rows)))].sort()
  const fact =
    rows === 0
      ? `no row of split ${split} has been read`
      : `${formatCount(rows, 'row')} of split ${split} ${rows === 1 ? 'has' : 'have'} been read`
  if (own.length === 0 || own.some(({ done }) => !done)) return { read: false, fact, hint: goOn }
  const near = nearName(split, splits)
  if (rows === 0)
    return {
      read: true,
      fact,
      hint: near === undefined ? `Splits: ${someNames(splits)}.` : `Did you mean ${source}/${near}/${row}?`,
    }
  return {
    read: true,
    fact: `${fact}, none of them is ${row}`,
    hint: 'Rows are counted from 0, or have the id that the source gives them.',
  }
}

const someNames = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`
