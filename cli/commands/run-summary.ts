import type { ExportResult } from '../../services/export/export-ranking.ts'
import { collectReport } from '../../services/report/collect-report.ts'
import type { ReportData } from '../../services/report/report-data.ts'
import { duration, metric, percent, thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import type { Workspace } from '../workspace.ts'

/** Prints what a finished run did and where its results are; returns what `--strict` asks for. */
export const printSummary = async (about: {
  workspace: Workspace
  io: Io
  started: number
  exports: Map<string, ExportResult>
  report: { html: string; markdown: string }
}): Promise<{ failed: number; bad: number }> => {
  const { workspace, io, started, exports, report } = about
  const data = await collectReport(workspace.warehouse, {
    config: workspace.config,
    version,
    at: new Date().toISOString(),
  })
  io.out(`${summaryText(data, { ms: Date.now() - started, exports, report })}\n`)
  return { failed: data.lines.reduce((sum, { failed }) => sum + failed, 0), bad: data.badRowCount }
}

const summaryText = (
  data: ReportData,
  about: { ms: number; exports: Map<string, ExportResult>; report: { html: string; markdown: string } },
): string => {
  const list = (counts: { reason: string; count: number }[]) =>
    counts.map(({ reason, count }) => `${reason} ${thousands(count)}`).join(', ')
  const rows = data.files.reduce((sum, file) => sum + file.rows, 0)
  const lines = [
    `${data.pipeline}  done in ${duration(about.ms)}`,
    '',
    `  rows       ${thousands(rows)} read: ${thousands(rows - data.badRowCount)} conversations, ${thousands(data.badRowCount)} bad`,
  ]
  for (const line of data.lines) {
    const ends = `${thousands(line.translated)} translated, ${thousands(line.kept)} kept as is, ${thousands(line.failed)} failed, ${thousands(line.skipped)} skipped`
    lines.push(
      `  ${line.line.padEnd(10)} ${ends}${line.reasons.length > 0 ? ` (${list(line.reasons)})` : ''}${line.pseudo ? '  ! pseudo: no translation' : ''}`,
    )
    if (line.calls > 0) {
      const cost = line.costUsd === null ? 'price not known' : `$${line.costUsd.toFixed(2)}`
      lines.push(
        `             ${thousands(line.calls)} answers, ${percent(line.fromMemory, line.calls)} from memory, ${cost}`,
      )
    }
  }
  for (const ranking of data.rankings) {
    lines.push(
      '',
      `  ${ranking.ranking}: kept ${thousands(ranking.kept)} of ${thousands(ranking.examples)} (${percent(ranking.kept, ranking.examples)})`,
    )
    lines.push(
      `    quality  LR ${metric(ranking.meanLr)}, SCR ${metric(ranking.meanScr)}; ${thousands(ranking.totalTokens ?? 0)} tokens`,
    )
    if (ranking.candidates.length > 1) lines.push(`    winners  ${list(ranking.winners)}`)
    if (ranking.dropped.length > 0) lines.push(`    dropped  ${list(ranking.dropped)}`)
  }
  for (const { file, line, reason, detail } of data.badRows.slice(0, 5))
    lines.push(`  ! ${file}:${line} ${reason}: ${detail}`)
  if (data.badRowCount > 5)
    lines.push(`  ! … ${thousands(data.badRowCount - 5)} more bad rows: kalam sql "SELECT * FROM v_dead_letters"`)
  lines.push('')
  for (const [name, { folder }] of about.exports) lines.push(`  dataset    ${folder}   (${name})`)
  lines.push(`  report     ${about.report.html}`)
  lines.push('  tables     kalam sql "SELECT ranking, count() FROM v_ranked GROUP BY ranking"')
  return lines.join('\n')
}
