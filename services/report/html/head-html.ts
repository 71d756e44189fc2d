import { findings } from '../findings.ts'
import { type Figure, figures, headline, subline } from '../headline.ts'
import type { ReportData } from '../report-data.ts'
import type { Section } from '../tables/table.ts'
import { codeHtml, escapeHtml as e, lineClass } from './escape-html.ts'

/** The head of the page: what was kept, the main figures, and what a person should look at. */
export const headHtml = (data: ReportData, sections: readonly Section[]): string => `<header id="top">
<h1>${headline(data)
  .map((sentence) => `<span>${e(sentence)}</span>`)
  .join(' ')}</h1>
<p class="lede">${e(subline(data))}</p>
${figuresHtml(figures(data))}
${findingsHtml(data, sections)}
</header>`

const figuresHtml = (shown: readonly Figure[]): string =>
  shown.length === 0 ? '' : `<dl class="figs">${shown.map(figureHtml).join('\n')}</dl>`

const figureHtml = ({ name, value, unit, below }: Figure): string =>
  `<div><dt>${e(name)}</dt><dd class="v">${e(value)}${unit === '' ? '' : ` <small>${e(unit)}</small>`}</dd>${below
    .map(({ text, line }) => `<dd class="s ${lineClass(line)}">${e(text)}</dd>`)
    .join('')}</div>`

const findingsHtml = (data: ReportData, sections: readonly Section[]): string => {
  const shortOf = (section: string) => sections.find(({ id }) => id === section)?.short ?? section
  const found = findings(data)
  if (found.length === 0) return '<p class="empty">Nothing in these figures needs a person.</p>'
  const items = found.map(
    ({ title, text, command, section }) =>
      `<li><span class="mark" aria-hidden="true">▲</span><div><b>${e(title)}</b> ${e(text)}${command === '' ? '' : `<br>${codeHtml(command)}`}</div><a href="#${section}">${e(shortOf(section))}</a></li>`,
  )
  return `<section aria-labelledby="look"><h2 id="look" class="sr">To look at</h2><ul class="look">${items.join('\n')}</ul></section>`
}
