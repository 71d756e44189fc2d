import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { lineProgress } from '../../services/line-progress.ts'
import { differingLines, liveConfig } from '../../services/live-config.ts'
import { collectReport } from '../../services/report/collect-report.ts'
import { reportHtml } from '../../services/report/html/report-html.ts'
import { reportMarkdown } from '../../services/report/markdown/report-markdown.ts'
import type { ReportData } from '../../services/report/report-data.ts'
import { usdOf } from '../../services/translate/ledger.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import type { Workspace } from '../workspace.ts'

/** Where a report was written, and what it tells. */
export interface WrittenReport {
  html: string
  markdown: string
  data: ReportData
}

/** Writes report.md and report.html of what is ranked now into the out folder. */
export const writeReport = async (workspace: Workspace): Promise<WrittenReport> => {
  const { outFolder } = workspace
  const data = await reportData(workspace)
  mkdirSync(outFolder, { recursive: true })
  const paths = { html: join(outFolder, 'report.html'), markdown: join(outFolder, 'report.md') }
  for (const [path, text] of [
    [paths.html, reportHtml(data)],
    [paths.markdown, reportMarkdown(data)],
  ] as const) {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  return { ...paths, data }
}

const reportData = async (workspace: Workspace): Promise<ReportData> => {
  const { warehouse, log, codec, topics, stages, local, isSide } = workspace
  const files = [...(await readCheckpoints(log, codec, topics)).files.values()]
  const lines = await lineProgress(log, stages)
  const underWay = lines.some(({ committed, end }) => committed < end) || files.some(({ done }) => !done)
  const config = liveConfig(workspace.config, workspace.control)
  const { ledger } = local
  // A side run shares the ledger with the whole.
  const booked = isSide ? [] : ledger.accounts().map((name) => [name, usdOf(ledger.account(name).spent)] as const)
  return collectReport(warehouse, {
    ...{ config, version, at: new Date().toISOString(), underWay, files },
    booked: new Map(booked),
    edited: differingLines(workspace.config, config),
  })
}

/** Says that what is live is not what pipeline.yaml says now. */
export const editedText = (edited: readonly string[]): string =>
  edited.length === 0
    ? ''
    : `\n! pipeline.yaml was edited: ${edited.join(', ')}. This is of what is live, with the settings it was built with.\n  kalam plan   says what the edits take\n`

/** `kalam report`: writes both forms and prints where they are. */
export const reportCommand = async (workspace: Workspace, io: Io): Promise<number> => {
  const { html, markdown, data } = await writeReport(workspace)
  io.out(`${html}\n${markdown}\n${editedText(data.edited)}`)
  return 0
}
