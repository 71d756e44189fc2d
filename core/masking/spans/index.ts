import type { SpanKind } from '../span.ts'
import { calcMark } from './calc-mark.ts'
import { comment } from './comment.ts'
import { entity } from './entity.ts'
import { fence } from './fence.ts'
import { inlineCode } from './inline-code.ts'
import { json } from './json.ts'
import { boxed, latexCommand } from './latex.ts'
import { email, linkTarget, url } from './link.ts'
import { displayMath, inlineMath } from './math.ts'
import { domain, filePath } from './path.ts'
import { placeholder, template } from './placeholder.ts'
import { tag } from './tag.ts'

/** How spans are found; where several could begin at one place the first one here takes it. */
export const spanKinds: readonly SpanKind[] = [
  fence,
  inlineCode,
  template,
  displayMath,
  inlineMath,
  boxed,
  latexCommand,
  calcMark,
  comment,
  tag,
  json,
  placeholder,
  url,
  linkTarget,
  email,
  filePath,
  domain,
  entity,
]
