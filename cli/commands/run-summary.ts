import type { ExportResult } from '../../services/export/export-ranking.ts'
import { badRowCount } from '../../services/report/report-data.ts'
import { labelled, summaryText } from '../display/summary-text.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'
import type { WrittenReport } from './report.ts'

const ofRun = 'kalam why <id>, kalam inspect <id>, kalam status, kalam sql "SELECT * FROM v_ranked LIMIT 5"'
const ofSide = 'the report and the export; kalam why, inspect, status and sql know the full run only'

/** Prints what an ended run did and where its results are; returns what `--strict` asks for. */
export const printSummary = async (about: {
  workspace: Workspace
  io: Io
  /** Whether it is of drawn rows, which commands do not see. */
  isSide: boolean
  started: number
  exports: Map<string, ExportResult>
  report: WrittenReport
  /** Lines that stand still before their end. */
  stopped: readonly string[]
}): Promise<{ failed: number; bad: number }> => {
  const { workspace, io, isSide, started, exports, report, stopped } = about
  const { columns } = io
  const place = workspace.base === process.cwd() ? '' : `in ${workspace.base}: `
  const seconds = (Date.now() - started) / 1000
  io.out(`${summaryText(report.data, { seconds, columns, isSide, stopped })}

${labelled('report', report.html, columns)}
${labelled('export', `${workspace.outFolder}: ${[...exports.keys()].join(', ')}`, columns)}
${labelled('ask', isSide ? ofSide : `${place}${ofRun}`, columns)}
`)
  return {
    failed: report.data.lines.reduce((sum, { chunks }) => sum + chunks.failed, 0),
    bad: badRowCount(report.data),
  }
}
