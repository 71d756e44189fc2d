import { lrChart, reasonBars, scrChart } from './html-charts.ts'
import { escapeHtml as e } from './html-escape.ts'
import { pageStyle } from './html-style.ts'
import { cost, decimal, reasonList, summaryRows, whole } from './markdown.ts'
import type { LineReport, RankingReport, ReportData } from './report-data.ts'

/** The report as one self-contained page: no script, nothing loaded from elsewhere. */
export const reportHtml = (data: ReportData): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${e(data.pipeline)}: report</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>${e(data.pipeline)}</h1>
<p>${e(data.at.slice(0, 16).replace('T', ' '))} UTC, kalam ${e(data.version)}, into ${e(data.language)}</p>
<nav aria-label="Sections">${data.rankings.map(({ ranking }) => `<a href="#${e(ranking)}">${e(ranking)}</a>`).join(' ')} <a href="#lines">Translators</a> <a href="#sources">Sources</a></nav>
</header>
<main>
${pseudoNote(data.lines)}
${data.rankings.map(rankingSection).join('\n')}
${linesSection(data)}
${sourcesSection(data)}
</main>
</body>
</html>
`

const pseudoNote = (lines: LineReport[]): string => {
  const pseudo = lines.filter((line) => line.pseudo).map(({ line }) => line)
  return pseudo.length === 0
    ? ''
    : `<p class="note" role="note"><b>No translation:</b> ${e(pseudo.join(', '))} is the pseudo translator, which maps letters to letters.</p>`
}

const rankingSection = (ranking: RankingReport): string => `<section id="${e(ranking.ranking)}">
<h2>${e(ranking.ranking)}</h2>
<p class="lede"><b>${whole(ranking.kept)}</b> of ${whole(ranking.examples)} conversations kept. Candidates: ${e(ranking.candidates.join(', '))}.</p>
${
  ranking.examples === 0
    ? '<p class="empty">No conversation has been ranked yet. <code>kalam status</code> shows where they are.</p>'
    : `<dl class="figures">${summaryRows(ranking)
        .map(([name, value]) => `<div><dt>${e(name)}</dt><dd>${e(value)}</dd></div>`)
        .join('')}</dl>
<div class="charts">
${lrChart(ranking.lrHistogram)}
${scrChart(ranking.scrHistogram)}
${ranking.candidates.length > 1 ? reasonBars('Winners', ranking.winners, 'conversations') : ''}
${reasonBars('Dropped, by first reason', ranking.dropped, 'conversations')}
</div>
${splitTable(ranking)}`
}
</section>`

const splitTable = ({ ranking, splits }: RankingReport): string => `<div class="wide"><table>
<caption>${e(ranking)} by split; LR and SCR over whole contents, as in the paper</caption>
<thead><tr><th scope="col">Split</th><th scope="col">Num Examples</th><th scope="col">Mean LR</th><th scope="col">Mean SCR</th><th scope="col">Mean Turns</th><th scope="col">Mean Total Tokens</th><th scope="col">Kept</th></tr></thead>
<tbody>${splits
  .map(
    (s) =>
      `<tr><th scope="row"><bdi>${e(s.split)}</bdi></th><td>${whole(s.examples)}</td><td>${decimal(s.meanLr)}</td><td>${decimal(s.meanScr)}</td><td>${decimal(s.meanTurns, 2)}</td><td>${decimal(s.meanTokens, 2)}</td><td>${whole(s.kept)}</td></tr>`,
  )
  .join('')}</tbody></table></div>`

const linesSection = ({ lines, saved }: ReportData): string => `<section id="lines">
<h2>Translators</h2>
<p class="lede">Every chunk ends once: translated, kept as it is, failed or skipped.</p>
<div class="wide"><table>
<caption>Chunk ledger</caption>
<thead><tr><th scope="col">Line</th><th scope="col">Backend</th><th scope="col">Chunks</th><th scope="col">Translated</th><th scope="col">Kept as is</th><th scope="col">Failed</th><th scope="col">Skipped</th><th scope="col">Answers</th><th scope="col">From memory</th><th scope="col">Tokens in / out</th><th scope="col">Cost</th></tr></thead>
<tbody>${lines
  .map(
    (l) =>
      `<tr><th scope="row">${e(l.line)}</th><td>${e(l.backend)}</td><td>${whole(l.translated + l.kept + l.failed + l.skipped)}</td><td>${whole(l.translated)}</td><td>${whole(l.kept)}</td><td>${whole(l.failed)}</td><td>${whole(l.skipped)}</td><td>${whole(l.calls)}</td><td>${whole(l.fromMemory)}</td><td>${whole(l.promptTokens)} / ${whole(l.completionTokens)}</td><td>${cost(l)}</td></tr>`,
  )
  .join('')}</tbody></table></div>
${lines
  .filter(({ reasons }) => reasons.length > 0)
  .map((l) => `<p>${e(l.line)}: ${e(reasonList(l.reasons))}.</p>`)
  .join('')}
${saved.map(({ lost, by, count }) => `<p>${whole(count)} conversations that ${e(lost)} lost were saved by ${e(by)}.</p>`).join('')}
</section>`

const sourcesSection = ({ files, badRows, badRowCount }: ReportData): string => `<section id="sources">
<h2>Sources</h2>
<div class="wide"><table>
<caption>Rows read = selected + dropped + bad</caption>
<thead><tr><th scope="col">File</th><th scope="col">Source</th><th scope="col">Rows read</th><th scope="col">Selected</th><th scope="col">Dropped</th><th scope="col">Bad</th></tr></thead>
<tbody>${files.map((f) => `<tr><th scope="row"><bdi>${e(f.file)}</bdi></th><td>${e(f.source)}</td><td>${whole(f.rows)}</td><td>${whole(f.selected)}</td><td>${whole(f.dropped)}</td><td>${whole(f.bad)}</td></tr>`).join('')}</tbody></table></div>
${
  badRows.length === 0
    ? ''
    : `<div class="wide"><table><caption>${whole(badRowCount)} bad rows${badRowCount > badRows.length ? `, the first ${badRows.length}` : ''}</caption>
<thead><tr><th scope="col">Where</th><th scope="col">Reason</th><th scope="col" class="text">What was found</th></tr></thead>
<tbody>${badRows.map((b) => `<tr><th scope="row"><bdi>${e(b.file)}:${b.line}</bdi></th><td>${e(b.reason)}</td><td class="text">${e(b.detail)}</td></tr>`).join('')}</tbody></table></div>`
}
</section>`
