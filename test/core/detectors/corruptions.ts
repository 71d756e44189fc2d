import type { CleanPair } from './clean-pairs.ts'

/** Makes a bad target of a good pair; undefined where the pair has nothing to spoil. */
type Spoil = (pair: CleanPair, random: () => number) => string | undefined

/** Whole numbers below a bound, from a seed: the same in every run. */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return state / 4294967296
  }
}

const pick = <Value>(list: readonly Value[], random: () => number): Value => list[Math.floor(random() * list.length)]!
const wordsOf = (text: string): string[] => text.split(' ')

const latin: Record<string, string> = Object.fromEntries(
  Array.from('ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآءئؤ', (letter, i) => [
    letter,
    'a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a a a i a a y w'.split(' ')[i] ?? 'a',
  ]),
)

/** Faults by the reason that should find them; each made without what the detectors know. */
export const corruptions: Record<string, Record<string, Spoil>> = {
  empty: { nothing: () => '', dots: () => '...' },
  copy: {
    all: ({ source }) => (wordsOf(source).length < 6 ? undefined : source),
    most: ({ source }) => {
      const words = wordsOf(source)
      return words.length < 10 ? undefined : words.slice(0, Math.ceil(words.length * 0.75)).join(' ')
    },
  },
  part_copied: {
    stretch: ({ source, target }, random) => {
      const [ours, theirs] = [wordsOf(source), wordsOf(target)]
      if (ours.length < 12 || theirs.length < 12) return undefined
      const size = 6 + Math.floor(random() * 6)
      const from = Math.floor(random() * Math.max(1, ours.length - size))
      const at = Math.floor(random() * Math.max(1, theirs.length - size))
      return [...theirs.slice(0, at), ...ours.slice(from, from + size), ...theirs.slice(at + size)].join(' ')
    },
  },
  wrong_script: {
    romanised: ({ target }) =>
      target.replace(/[\u064b-\u0652]/g, '').replace(/[\u0621-\u064a]/g, (one) => latin[one] ?? 'a'),
    russian: ({ source }) => source.replace(/[a-z]/g, (one) => String.fromCharCode(0x430 + one.charCodeAt(0) - 97)),
    chinese: ({ source }) =>
      source.replace(/[A-Za-z]+/g, (one) => String.fromCharCode(0x4e00 + one.length * 61, 0x5000 + one.charCodeAt(0))),
  },
  foreign_script: {
    one_word: ({ target }, random) => {
      const words = wordsOf(target)
      words[Math.floor(random() * words.length)] = pick(['因此', 'поэтому', '그래서', '例如'], random)
      return words.join(' ')
    },
  },
  repetition: {
    tail: ({ target }, random) => {
      const words = wordsOf(target)
      const size = 3 + Math.floor(random() * 8)
      if (words.length < size) return undefined
      return [...words, ...Array.from({ length: 5 + Math.floor(random() * 15) }, () => words.slice(-size)).flat()].join(
        ' ',
      )
    },
    word: ({ target }, random) =>
      `${target} ${`${pick(wordsOf(target), random)} `.repeat(8 + Math.floor(random() * 30))}`,
    letters: ({ target }, random) => `${target} ${pick(['ها', 'ا', 'لا', 'ههه'], random).repeat(30)}`,
  },
  too_short: {
    few_words: ({ source, target }) => (source.length < 80 ? undefined : wordsOf(target).slice(0, 3).join(' ')),
  },
  truncated: {
    cut: ({ source, target }, random) => {
      const words = wordsOf(target)
      return source.length < 40 ? undefined : words.slice(0, Math.ceil(words.length * (0.3 + 0.4 * random()))).join(' ')
    },
  },
  wordy: { other_added: ({ target }) => `${target} ${target.split(' ').toReversed().join(' ')}` },
  doubled_sentence: {
    twice: ({ target }) => {
      const sentences = target.match(/[^.؟!\n]+[.؟!]/g) ?? []
      return sentences.length < 2 ? undefined : `${target} ${sentences[0]!.trim()}`
    },
  },
  preamble: {
    before: ({ target }, random) =>
      `${pick(['Here is the Arabic translation:\n\n', 'Sure! Here is the translation:\n', 'إليك الترجمة:\n', 'الترجمة: ', 'بالتأكيد! إليك الترجمة العربية للنص:\n\n', '**Translation:** ', 'Arabic: ', 'Output: ', 'إليك النص باللغة العربية:\n', 'Aquí está la traducción:\n', 'Hier ist die Übersetzung:\n\n', 'The translation of the text is: ', 'فيما يلي ترجمة النص إلى العربية:\n'], random)}${target}`,
    behind: ({ target }, random) =>
      `${target}\n\n${pick(['Note: The translation keeps the original tone.', '(ملاحظة: تمت ترجمة النص مع الحفاظ على المعنى)', 'Let me know if you need anything else!', '**ملاحظات الترجمة**', 'آمل أن تكون هذه الترجمة مفيدة.', 'هل تريد مني ترجمة نص آخر؟'], random)}`,
  },
  wrapper: {
    json: ({ source, target }) => (/^\s*[[{]/.test(source) ? undefined : JSON.stringify({ translation: target })),
    tag: ({ target }) => `<translation>\n${target}\n</translation>`,
    thinking: ({ target }) => `<think>\n\n</think>\n\n${target}`,
    fence: ({ source, target }) => (source.includes('```') ? undefined : `\`\`\`arabic\n${target}\n\`\`\``),
  },
  quoted: { double: ({ source, target }) => (/["“”«»'`’]/.test(source + target) ? undefined : `"${target}"`) },
  refusal: {
    instead: (_pair, random) =>
      pick(
        [
          "I'm sorry, but I can't assist with that.",
          'عذرًا، لا يمكنني المساعدة في هذا الطلب.',
          'As an AI language model, I cannot translate this.',
          'آسف، لكن لا أستطيع ترجمة هذا النص.',
          'بصفتي نموذجًا لغويًا، لا أستطيع تقديم هذا المحتوى.',
          'I cannot fulfill this request.',
          'لا أستطيع تقديم المساعدة في ذلك.',
        ],
        random,
      ),
  },
  prompt_leak: {
    marks: ({ target }, random) =>
      pick([`<<<TEXT\n${target}\nTEXT>>>`, `${target}<|im_end|>`, `${target}<end_of_turn>`, `${target} <ar>`], random),
    instructions: ({ target }, random) =>
      pick(
        [
          `Keep code, tags, URLs, placeholders, formulas and names of functions as they are.\n${target}`,
          `ترجم النص التالي من الإنجليزية إلى العربية:\n${target}`,
        ],
        random,
      ),
  },
  unbalanced_fence: { opened: ({ target }) => `${target}\n\n\`\`\`python\nprint(1)` },
  unbalanced_tags: {
    lost: ({ source, target }) =>
      /<(\w+)>[\s\S]*<\/\1>/.test(source) && /<\/\w+>/.test(target) ? target.replace(/<\/\w+>/, '') : undefined,
  },
  unbalanced_braces: {
    lost: ({ source, target }) =>
      /\{[^}]*\}/.test(source) && target.includes('}') ? target.replace('}', '') : undefined,
    dollar: ({ target }) => (/\$[^$]+\$/.test(target) && !target.includes('$$') ? target.replace('$', '') : undefined),
  },
  mojibake: {
    latin1: ({ target }) => Buffer.from(target, 'utf8').toString('latin1'),
    windows1252: ({ target }) => new TextDecoder('windows-1252').decode(Buffer.from(target, 'utf8')),
    replaced: ({ target }, random) => {
      const at = Math.floor(random() * target.length)
      return `${target.slice(0, at)}\ufffd${target.slice(at + 1)}`
    },
  },
  persian_letters: {
    swapped: ({ target }) => (/[كي]/.test(target) ? target.replaceAll('ك', 'ک').replaceAll('ي', 'ی') : undefined),
  },
  presentation_forms: {
    forms: ({ target }) => target.replaceAll('ل', '\ufedf').replaceAll('م', '\ufee3'),
    tatweel: ({ target }) => target.replace(/([بتسم])(?=[\u0621-\u064a])/g, '$1ـ'),
  },
  mixed_digits: {
    half: ({ target }) => {
      const digits = target.match(/(?<![\w$\\{])\d(?![\w$}])/g) ?? []
      if (digits.length < 2 || /[`$\\]/.test(target)) return undefined
      return target.replace(/(?<!\w)\d(?!\w)/, (one) => String.fromCharCode(0x660 + Number(one)))
    },
  },
  numbers: {
    changed: ({ source, target }) =>
      /(?<![\w$\\])\d{2,}(?!\w)/.test(source) && !/[`$\\]/.test(source) && /(?<!\w)\d{2,}(?!\w)/.test(target)
        ? target.replace(/(?<!\w)\d{2,}(?!\w)/, (number) => `${Number(number) + 7}`)
        : undefined,
  },
  lines_lost: { joined: ({ source, target }) => (/\S\n+\S/.test(source) ? target.replace(/\n+/g, ' ') : undefined) },
}
