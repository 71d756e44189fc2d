import { mainRanking, type ReportData } from '../report-data.ts'
import { sections } from '../sections.ts'
import { pseudoMark } from '../tables/names.ts'
import type { Section } from '../tables/table.ts'
import { escapeHtml as e, nameHtml } from './escape-html.ts'
import { flowChart } from './flow-chart.ts'
import { headHtml } from './head-html.ts'
import { lengthChart } from './length-chart.ts'
import { ratioCharts } from './ratio-chart.ts'
import { chartStyle } from './style-charts.ts'
import { pageStyle } from './style-page.ts'
import { tableStyle } from './style-tables.ts'
import { tableHtml } from './table-html.ts'

const charts: Record<string, (data: ReportData) => string> = {
  flow: flowChart,
  quality: ratioCharts,
  length: lengthChart,
}

/** The report as one self-contained page: no script, and its policy lets nothing be loaded from elsewhere. */
export const reportHtml = (data: ReportData): string => {
  const shown = sections(data)
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="generator" content="kalam ${e(data.version)}">
<title>kalam report: ${e(data.pipeline)}</title>
<style>${pageStyle}${tableStyle}${chartStyle}</style>
</head>
<body>
${topHtml(data)}
<div class="wrap">
<nav aria-label="Sections"><ul><li><a href="#top">Head</a></li>${shown.map(({ id, short }) => `<li><a href="#${id}">${e(short)}</a></li>`).join('')}</ul></nav>
<main>
${headHtml(data, shown)}
${shown.map((section) => sectionHtml(section, data)).join('\n')}
</main>
</div>
</body>
</html>
`
}

const topHtml = (data: ReportData): string => {
  const main = mainRanking(data)
  const pseudo = data.lines.some((line) => line.pseudo)
  return `<div class="top">
<p><b>kalam</b> report of ${nameHtml(data.pipeline)}${main ? `, ranking ${nameHtml(main.ranking)}` : ''}</p>
${pseudo ? `<p class="stamp">▲ ${pseudoMark}</p>` : ''}
<p>${e(data.at.slice(0, 16).replace('T', ' '))} UTC, kalam ${e(data.version)}</p>
<fieldset class="theme"><legend class="sr">Colours</legend>${['auto', 'light', 'dark']
    .map(
      (name) =>
        `<label><input type="radio" name="theme" id="theme-${name}"${name === 'auto' ? ' checked' : ''}><span>${name}</span></label>`,
    )
    .join('')}</fieldset>
</div>`
}

const sectionHtml = ({ id, title, lede, tables, notes }: Section, data: ReportData): string => `<section id="${id}">
<h2>${e(title)}</h2>
<p class="lede">${e(lede)}</p>
${charts[id]?.(data) ?? ''}
${tables
  .filter(({ drawn }) => !drawn)
  .map(tableHtml)
  .join('\n')}
${notes.map((note) => `<p class="cap">${e(note)}</p>`).join('')}
</section>`
