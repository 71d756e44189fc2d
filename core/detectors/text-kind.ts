/** What sort of text a chunk is: thresholds and policies differ by it. */
export type TextKind = 'prose' | 'markdown' | 'code_like'

/** A line that programs have and prose has not; every alternative is anchored and without nested repeats. */
const codeLine =
  /^\s*(?:(?:import|export|def|class|const|let|var|return|public|private|static|elif|for|while|if|function|print)\b[^.!?]*[;:{(,]\s*$|(?:import|from) [\w.]+(?: import\b.*)?$|[@#]\w+[(<[ ]?["<\w.]*[)>]?$|>>>|\.\.\. |[\]})]+[;,)]*\s*$|"[^"]*"\s*:|[\w.[\]]+ [-+*/]?= |[\w.]+\([^()]*\);?\s*$|.*[;{]\s*$|.*=>)/
const markdownLine = /^(?:#{1,6} |\s*[-*+] |\s*\d{1,3}[.)] |\s*\||\s*> |\s*(?:```|~~~)|!\[|---$|\s*<[A-Za-z/])/
const markdownInside = /\*\*[^*\n]+\*\*|\]\([^()\s]+\)|`[^`\n]+`/

/** A line that only programs have, and that makes code of what stands around it, as a signature does of its docstring. */
const signature =
  /^\s*(?:(?:async )?(?:def|class) \w+[^.!?]*:\s*$|from [\w.]+ import |import [\w.{*"']+|#include\b|public (?:static|class) |function \w+ ?\(|r?"""|>>> )/

/** Words in a row, as only sentences have them; a comment or a string in a program may have them too. */
const sentence = /(?:[A-Za-z,']+ ){5}[A-Za-z]/

/** The longest stretch of a line that is looked at. */
const reach = 160

/**
 * The kind of a text: code_like when a third of its lines look like code (signatures count three times), markdown when it has
 * marks of it. Linear.
 */
export function kindOf(text: string): TextKind {
  let lines = 0
  let code = 0
  let marked = 0
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, reach)
    if (line.trim() === '') continue
    lines++
    if (signature.test(line)) code += 3
    else if (markdownLine.test(line)) marked++
    else if (codeLine.test(line) && !sentence.test(line)) code++
    else if (markdownInside.test(line)) marked += 0.5
  }
  if (code / Math.max(1, lines) >= 1 / 3) return 'code_like'
  return marked >= 1 ? 'markdown' : 'prose'
}
