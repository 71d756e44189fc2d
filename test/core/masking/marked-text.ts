import fc from 'fast-check'
import { hostileText } from '../conversation/hostile-text.ts'

const snippets = [
  ...['⟦1⟧', '⟦ ٢ ⟧', '⟧3⟦', '⟦', '〛', '⟪1⟫', '《', '⦃', '⟬', 'XZ1Q', 'xz 2 q', 'XZ', 'Z1Q', 'xzxz9qq', 'BXX1Q'],
  ...['`x`', '`', '$a+b$', '\\(y\\)', '\\boxed{4}', '\\frac{a}{b}', '\\text{so}', '\\n', '\\', '<<1+1=2>>', '<<'],
  ...['<b>', '</b>', '<br/>', '<a href="x">', '</a>', '<', '>', '<!-- c -->', '{/* c */}', '<|end|>', '<p title="'],
  ...['{"a": [1, "b"]}', "['x', 2]", '[1]', '{', '}', '[', ']', '{x}', '{{ y }}', '$', '{z}', '%s', '%1$s', '%', '$'],
  ...[
    'https://a.b/c',
    ' a@b.cc ',
    'www.x.org',
    '[t](/u)',
    '](',
    'src/main.ts',
    '/usr/lib',
    'C:\\a\\b',
    'and/or',
    '&nbsp;',
  ],
  ...['\n', '\n\n', '\n- ', '\n1. ', '\n# ', '\n> ', '\n| a | b |', '\n|---|---|', '\n---\n', '  \n', '\t', '\r\n'],
  ...[
    'Hello',
    'Hello world',
    'A sentence',
    'word ',
    ' and ',
    'نص',
    '١',
    '. ',
    'é',
    '👍🏽',
    '\ud800',
    '\u0085',
    '\ufeff',
  ],
]

/** Texts of spans, halves of spans, sentinels, structure, words and difficult characters. */
export const markedText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...snippets), { maxLength: 40 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.tuple(hostileText, fc.constantFrom(...snippets), hostileText).map((all) => all.join('')) },
)
