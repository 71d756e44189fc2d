import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectReport } from '../../services/report/collect-report.ts'
import { reportHtml } from '../../services/report/html.ts'
import { reportMarkdown } from '../../services/report/markdown.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import type { Workspace } from '../workspace.ts'

/** Writes report.md and report.html of what is ranked now into the out folder. */
export const writeReport = async ({
  warehouse,
  config,
  outFolder,
}: Workspace): Promise<{ html: string; markdown: string }> => {
  const data = await collectReport(warehouse, { config, version, at: new Date().toISOString() })
  mkdirSync(outFolder, { recursive: true })
  const paths = { html: join(outFolder, 'report.html'), markdown: join(outFolder, 'report.md') }
  for (const [path, text] of [
    [paths.html, reportHtml(data)],
    [paths.markdown, reportMarkdown(data)],
  ] as const) {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  return paths
}

/** `kalam report`: writes both forms and prints where they are. */
export const reportCommand = async (workspace: Workspace, io: Io): Promise<number> => {
  const { html, markdown } = await writeReport(workspace)
  io.out(`${html}\n${markdown}\n`)
  return 0
}
