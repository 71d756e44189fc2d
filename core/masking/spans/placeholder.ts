import type { SpanKind } from '../span.ts'

const value = /\$\{[A-Za-z_$][\w.$[\]()'"]{0,100}\}(?![\^_\\$])/y

/** `${x}` of programs, which would otherwise be the beginning of a formula. */
export const template: SpanKind = {
  kind: 'placeholder',
  triggers: '$',
  reader(text) {
    return (at) => {
      value.lastIndex = at
      return value.test(text) ? { start: at, end: value.lastIndex } : undefined
    }
  },
}

/** Every form is bounded in length, so that a run of openers stays linear. */
const forms: readonly RegExp[] = [
  // {{ x }}, {% if x %}, {# note #}
  /\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\{#[^{}\n]{0,200}#\}/y,
  // {x}, {0}, {}, {user.name!r:>10}, {items[0]}, {x + 1} only without spaces
  /\{[A-Za-z0-9_$.:!<>=+*%()[\]'"-]{0,64}\}/y,
  // ${x}, $HOME
  /\$\{[^{}\n]{1,200}\}|\$[A-Z_][A-Z0-9_]{1,40}(?![A-Za-z0-9_])/y,
  // %s, %1$s, %(name)s, %-5.2f, %@
  /%(?:\d{1,2}\$)?(?:\([A-Za-z_]\w{0,40}\))?[-+0#]{0,3}\d{0,3}(?:\.\d{1,2})?(?:l{0,2}[sdiufFeEgGxXoc]|@)(?![A-Za-z0-9])/y,
]

/** `%s`, `{x}`, `${x}`, `{{x}}`, `{% x %}` and what else programs put values into. */
export const placeholder: SpanKind = {
  kind: 'placeholder',
  triggers: '{$%',
  reader(text) {
    return (at) => {
      // "20%d" is a percentage with a slip behind it, "%%s" a percent sign.
      if (text[at] === '%' && /[0-9%]/.test(text[at - 1] ?? '')) return undefined
      for (const form of forms) {
        form.lastIndex = at
        if (form.test(text)) return { start: at, end: form.lastIndex }
      }
      return undefined
    }
  },
}
