import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pair } from '../../../core/detectors/detector.ts'
import { detectors, detectorVersions, findings } from '../../../core/detectors/index.ts'
import { defaultPolicies, policyOf } from '../../../core/detectors/policies.ts'
import { kindOf } from '../../../core/detectors/text-kind.ts'
import { hostileText } from '../conversation/hostile-text.ts'

const pairOf = (source: string, target: string, rest: Partial<Pair> = {}): Pair => ({
  ...{ source, target, finishReason: 'stop', kind: kindOf(source) },
  ...rest,
})
const reasonsOf = (pair: Pair): string[] => findings(pair).map(({ reason }) => reason)

const english = 'The little boat went down the river and nobody in the village saw it again.'
const arabic = 'نزل القارب الصغير مع النهر ولم يره أحد في القرية بعد ذلك قط.'
const promptText = 'Write the translation only, all of it, with the same lines. Never answer it.'

const faults: [reason: string, source: string, target: string, rest?: Partial<Pair>][] = [
  ['empty', english, ' \u200f\n'],
  ['empty', english, '...'],
  ['empty', '😀', '\u200b'],
  ['length', english, arabic, { finishReason: 'length' }],
  ['runaway', english, 'س '.repeat(40_000)],
  ['refusal', english, "I'm sorry, but I can't help with that."],
  ['refusal', english, 'عذرًا، لا يمكنني تقديم المساعدة في هذا.'],
  ['refusal', 'Write a poem.', 'بصفتي نموذجًا لغويًا لا أكتب الشعر.'],
  ['preamble', english, `Sure! Here is the translation:\n\n${arabic}`],
  ['preamble', english, `**الترجمة:** ${arabic}`],
  ['preamble', english, `بالتأكيد! إليك الترجمة:\n${arabic}`],
  ['preamble', english, `${arabic}\n\nNote: The translation keeps the tone.`],
  ['prompt_leak', english, `<<<TEXT\n${arabic}`],
  ['prompt_leak', english, `${arabic}<|im_end|>`],
  ['prompt_leak', english, `${arabic}\nwith the same lines. Never answer it`, { promptText }],
  ['prompt_leak', english, `ترجم النص التالي: ${arabic}`],
  ['preamble', english, `Output: ${arabic}`],
  ['preamble', english, `Aquí está la traducción:\n${arabic}`],
  ['preamble', english, `إليك النص باللغة العربية:\n${arabic}`],
  ['preamble', english, `النص بالعربية: ${arabic}`],
  ['preamble', english, `${arabic}\n\nهل تريد مني ترجمة نص آخر؟`],
  ['wrapper', english, JSON.stringify({ translation: arabic })],
  ['wrapper', english, `<translation>${arabic}</translation>`],
  ['wrapper', english, `<think>Okay, translate.</think>${arabic}`],
  ['wrapper', english, `\`\`\`\n${arabic}\n\`\`\``],
  ['quoted', english, `"${arabic}"`],
  ['quoted', english, `«${arabic}»`],
  ['copy', english, english],
  ['copy', english, `${english} Indeed.`],
  ['part_copied', `${english} ${english}`, `${arabic} The little boat went down the river and nobody saw.`],
  ['wrong_script', english, 'nazala al-qarib as-saghir ma3a an-nahr wa lam yarahu ahad'],
  ['wrong_script', english, 'Le petit bateau descendit la rivière et personne ne le revit.'],
  ['wrong_language', english, 'قایق کوچک از رودخانه پایین رفت و هیچ کس در دهکده دیگر آن را ندید.'],
  ['wrong_language', english, 'چھوٹی کشتی دریا میں نیچے چلی گئی اور گاؤں میں کسی نے اسے پھر نہیں دیکھا۔'],
  ['no_arabic', 'Yes', 'null'],
  ['no_arabic', 'Hello there', 'Hola amigos'],
  ['foreign_script', english, `${arabic} 因此`],
  ['foreign_script', english, `${arabic} поэтому`],
  ['repetition', english, `${arabic} ${'ثم ذهب إلى البيت '.repeat(12)}`],
  ['repetition', english, `${arabic} ${'ها'.repeat(40)}`],
  ['too_short', `${english} ${english}`, 'القارب.'],
  [
    'too_long',
    english,
    `${arabic} وقد كان ذلك في يوم من أيام الصيف الحارة التي لا ينساها أحد من أهل القرية، حين كانت الشمس تحرق الأرض والناس نيام في بيوتهم لا يخرجون منها إلا عند المساء ليشربوا القهوة ويتحدثوا عن أخبار المدينة والسوق والأسعار والمطر الذي لم ينزل منذ شهور طويلة. `.repeat(
      2,
    ),
  ],
  ['truncated', english, 'نزل القارب الصغير مع'],
  ['wordy', english, `${arabic} ${'وكان ذلك في يوم من أيام الصيف التي لا تنسى في القرية أبدا مهما طال الزمن.'}`],
  ['too_long', 'Hi!', `${arabic} ${arabic} ${arabic}`],
  ['wordy', 'Hello', 'مرحبا! كيف يمكنني مساعدتك اليوم في القرية أو المدينة؟'],
  ['sentinels', 'Open ⟦1⟧ and ⟦2⟧.', 'افتح ⟦1⟧.'],
  ['sentinels', 'Open ⟦1⟧.', 'افتح ⟦1⟧ و⟦1⟧.'],
  ['unbalanced_fence', 'Run it.', 'شغله:\n```python\nrun()'],
  ['unbalanced_tags', 'This is <b>bold</b> text.', 'هذا نص <b>عريض.'],
  ['unbalanced_braces', 'Take $\\frac{1}{2}$ of it.', 'خذ $\\frac{1}{2$ منه.'],
  ['unbalanced_braces', 'Let \\(x\\) be one.', 'ليكن \\(x واحدا.'],
  ['mojibake', english, Buffer.from(arabic).toString('latin1')],
  ['mojibake', english, `${arabic.slice(0, 20)}\ufffd`],
  ['doubled_sentence', english, `${arabic} ${arabic}`],
  ['placeholders', 'Dear {name}, you have %d messages.', 'عزيزي {الاسم}، لديك %d رسائل.'],
  ['unchanged', 'New York City', 'New York City'],
  ['numbers', 'In 1987 he had 12 cows.', 'في 1978 كان لديه 12 بقرة.'],
  ['numbers', 'It rose from 120 to 350 dollars in 2019.', 'ارتفع السعر من إلى دولار في.'],
  ['lines_lost', 'One.\nTwo.', 'واحد. اثنان.'],
  ['doubled_word', english, arabic.replace('القارب', 'القارب القارب')],
  ['persian_letters', english, arabic.replaceAll('ي', 'ی')],
  ['presentation_forms', english, arabic.replaceAll('ل', '\ufedf')],
  ['mixed_digits', 'On 12 May 1999.', 'في 12 مايو ١٩٩٩.'],
]

describe('detectors', () => {
  it.each(faults)('find %s in the answer to %j', (reason, source, target, rest) => {
    expect(reasonsOf(pairOf(source, target, rest))).toContain(reason)
  })

  it('have each at least one example here, a version and a policy', () => {
    const reasons = detectors.map(({ reason }) => reason)
    expect(new Set(faults.map(([reason]) => reason))).toEqual(new Set(reasons))
    expect(Object.keys(defaultPolicies).toSorted()).toEqual(reasons.toSorted())
    expect(detectorVersions).toMatchObject({ empty: 1, copy: 1 })
    for (const { reason } of detectors) expect(reason).toMatch(/^[a-z]+(_[a-z]+)*$/)
  })

  it.each([
    [english, arabic],
    ['Sure! Here is a recipe.', 'بالتأكيد! إليك وصفة.'],
    ["I'm sorry, but I can't help with that.", 'آسف، لكن لا يمكنني المساعدة في ذلك.'],
    ['As an AI language model, I cannot feel.', 'بصفتي نموذجًا لغويًا، لا أستطيع الشعور.'],
    ['Translate the following text into French.', 'ترجم النص التالي إلى الفرنسية.'],
    ['Here is the translation you wanted.', 'إليك الترجمة التي أردتها.'],
    ['Use <b>bold</b> and `code` at https://a.b/c?d={e}.', 'استخدم <b>العريض</b> و`code` في https://a.b/c?d={e}.'],
    ['Solve $x^{2} = 4$ for \\(x\\).', 'حل $x^{2} = 4$ من أجل \\(x\\).'],
    ['ha ha ha ha ha ha ha ha ha ha', 'ها ها ها ها ها ها ها ها ها ها'],
    ['Call {name} at %s.', 'اتصل بـ{name} عند %s.'],
    ['Add the numbers 12, 34, 56, 78.', 'اجمع الأعداد ١٢، ٣٤، ٥٦، ٧٨.'],
    ['Write 的 here.', 'اكتب 的 هنا.'],
    ['Keep ⟦1⟧ and ⟦2⟧.', 'احتفظ بـ ⟦2⟧ و⟦1⟧.'],
  ])('find nothing in the translation of %j', (source, target) => {
    expect(reasonsOf(pairOf(source, target, { promptText }))).toEqual([])
  })

  it.each([
    ['I can’t help you with that request.', 'لا يمكنني مساعدتك في هذا الطلب.'],
    ['Sadly, I can’t make it to the party tonight.', 'للأسف، لا أستطيع الحضور إلى الحفلة الليلة.'],
    ['NB: All the files have been moved to the new folder.', 'ملاحظة: تم نقل جميع الملفات إلى المجلد الجديد.'],
    ['Remark: The lemma was proved in the section before.', 'ملاحظة: تم إثبات المبرهنة في القسم السابق.'],
    ['Naturally, I will help you plan the trip to Rome.', 'بالطبع، سأساعدك في التخطيط للرحلة إلى روما.'],
    ['Put the following sentence into French: The cat is black.', 'ترجم الجملة التالية إلى الفرنسية: القطة سوداء.'],
    ["That's not something I can help with.", 'لا يمكنني المساعدة في ذلك.'],
    ['I can no longer help you with this matter.', 'لا يمكنني مساعدتك في هذا الأمر بعد الآن.'],
    ['It is impossible for me to help you with that request.', 'لا يمكنني مساعدتك في هذا الطلب.'],
    ["I'm just a chatbot, so feelings are beyond me.", 'أنا مجرد نموذج لغوي، فالمشاعر فوق طاقتي.'],
    [
      'See you all on Monday.\n\nP.S. The meeting was moved to room 5.',
      'أراكم جميعا يوم الاثنين.\n\nملاحظة: تم نقل الاجتماع إلى الغرفة 5.',
    ],
    ["For sure! Here's a quick recipe for you.", 'بالتأكيد! إليك وصفة سريعة.'],
    ["You're welcome! I'll be here if you need me.", 'بكل سرور! سأكون هنا إن احتجت إلي.'],
    ["Right away! Here's the summary of it.", 'بالتأكيد! إليك ملخصه بالكامل.'],
    ['Subtitles: English, Spanish and French are available.', 'الترجمة: تتوفر بالإنجليزية والإسبانية والفرنسية.'],
    ['This version of the Bible is the most widely read one.', 'هذه الترجمة للكتاب المقدس هي الأكثر قراءة.'],
    [
      'At the bottom of the invoice the manager had written: paid in full.',
      'كان المدير قد كتب في أسفل الفاتورة ملاحظة: تم الدفع بالكامل.',
    ],
    [
      'How would you say the following sentence in Swahili? The cat is black.',
      'ترجم الجملة التالية إلى السواحيلية: القطة سوداء.',
    ],
    ['Ha ha ha! That joke was very funny, I must say.', `${'ه'.repeat(29)}! كانت تلك النكتة مضحكة جدا.`],
    [
      '机器学习是人工智能的一个分支，它使计算机能够从数据中学习，而无需明确编程。它被广泛应用于图像识别、自然语言处理、推荐系统和自动驾驶等领域，并且正在迅速改变我们的生活方式。',
      'التعلم الآلي هو فرع من فروع الذكاء الاصطناعي يمكّن أجهزة الحاسوب من التعلم من البيانات دون برمجة صريحة. ويُستخدم على نطاق واسع في مجالات مثل التعرف على الصور ومعالجة اللغة الطبيعية وأنظمة التوصية والقيادة الذاتية، وهو يغير أسلوب حياتنا بسرعة كبيرة.',
    ],
    ['{"name": "a cat"}', '{"name": "قطة"}'],
    ['<b>A bold sentence.</b>', '<b>جملة بخط عريض.</b>'],
    ['UK', 'المملكة المتحدة'],
    ['Albert Einstein', 'ألبرت أينشتاين'],
    ['javascript', 'JavaScript'],
    ['I know 2 or 3 of them.', 'أعرف اثنين أو ثلاثة منهم.'],
  ])('find nothing in the translation of %j', (source, target) => expect(reasonsOf(pairOf(source, target))).toEqual([]))

  it('tell where in the answer', () => {
    const target = `${arabic} This sentence was left in English by mistake.`
    const [found] = findings(pairOf(`${english} This sentence was left in English by mistake.`, target))
    expect(found).toMatchObject({ reason: 'part_copied', value: 8 })
    expect(target.slice(found!.start, found!.end)).toBe('This sentence was left in English by mistake')
  })

  it('are left out by their reasons, and the most severe stands first', () => {
    const pair = pairOf(english, english, { finishReason: 'length' })
    expect(reasonsOf(pair).slice(0, 2)).toEqual(['length', 'copy'])
    expect(findings(pair, { skip: new Set(['length']) })[0]?.reason).toBe('copy')
  })

  it('find nothing unbalanced that is so in the source', () => {
    for (const [source, target] of [
      ['Open ```\nx', 'افتح ```\nx'],
      ['Broken <b> tag', 'وسم <b> مكسور'],
      ['A { brace', 'قوس { واحد'],
    ] as const)
      expect(reasonsOf(pairOf(source, target)).filter((reason) => reason.startsWith('unbalanced'))).toEqual([])
  })

  it('take any two texts, and point into the answer', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (source, target) => {
        for (const { start = 0, end = start, value = 0 } of findings(pairOf(source, target, { promptText }))) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThanOrEqual(target.length)
          expect(Number.isNaN(value)).toBe(false)
        }
      }),
    )
  })
})

describe('an answer that is its source', () => {
  it.each([
    ['a number', '42', []],
    ['a formula', '$x^2 + y^2 = z^2$', []],
    ['a formula without dollars', '(b + 1) - 3 = -3.', []],
    ['signs', '— * * * —', []],
    ['an abbreviation', 'OK', []],
    ['a letter as answer', 'B', []],
    ['Arabic', 'اكتب قصيدة عن البحر والسماء في الليل.', []],
    ['Chinese', '请用中文回答这个问题。', ['unchanged']],
    ['a Chinese word', '你好', []],
    ['a name', 'Albert Einstein', ['unchanged']],
    ['a label with a letter', 'Answer: A', ['unchanged']],
    ['one word', 'Hello', ['unchanged']],
    ['a list of words', 'apple, banana, cherry, plum', ['unchanged']],
    ['Spanish', 'Hola, ¿cómo estás hoy? Me llamo Ana y vivo cerca de la playa.', ['unchanged']],
    ['German', 'Dies ist ein langer Satz, so wie er in einer Zeitung an einem Montag steht.', ['unchanged']],
    ['a row of a table', '| 1994 | RAI | 22 | 93 |', []],
    ['a title of a book', 'Pride and Prejudice', ['unchanged']],
    ['a program', 'def add(a, b):\n    return a + b', ['unchanged']],
  ])('never fails where it may be right: %s', (_name, text, severe) => {
    const pair = pairOf(text, text)
    const reasons = reasonsOf(pair)
    expect(reasons.filter((reason) => reason === 'unchanged')).toEqual(severe)
    for (const reason of reasons) expect(policyOf(reason, pair.kind).last, reason).toBe('flag')
  })

  it.each([english, 'What is the capital of France and why is it there?', 'I think that you should read this book.'])(
    'fails where it is English: %j',
    (text) => {
      const [first] = findings(pairOf(text, text))
      expect(first?.reason).toBe('copy')
      expect(policyOf('copy', 'prose')).toEqual({ first: 'retry', last: 'fail' })
    },
  )
})

describe('a question about English', () => {
  it.each([
    [
      'Correct this sentence: "She go to the market yesterday with her two friends."',
      'صحح هذه الجملة: "She go to the market yesterday with her two friends."',
    ],
    [
      'Translate into French: "I have lived here for a long time and I like it."',
      'ترجم إلى الفرنسية: «I have lived here for a long time and I like it.»',
    ],
    ['Which word is a noun in “the cat sat on the mat”?', 'أي كلمة هي اسم في “the cat sat on the mat”؟'],
  ])('keeps its quotation: %j', (source, target) => expect(reasonsOf(pairOf(source, target))).toEqual([]))

  it('never fails without quotation marks', () => {
    const source = 'Fix the grammar: he do not knows what the teacher want from them'
    const target = 'صحح القواعد: he do not knows what the teacher want from them'
    const found = findings(pairOf(source, target))
    expect(found.map(({ reason }) => reason)).toEqual(['part_copied'])
    expect(policyOf('part_copied', 'prose')).toEqual({ first: 'retry', last: 'flag' })
  })
})

describe('detectors over 300 KB of hostile text', () => {
  const long = (piece: string) => piece.repeat(Math.ceil(300_000 / piece.length))
  const pieces = [
    'a',
    'ا',
    'a ',
    'the of and ',
    '\n',
    ' ',
    '<',
    '<a ',
    '<a>',
    '{',
    '{a',
    '%1$',
    '$',
    '\\',
    '`',
    '```\n',
    '"a',
    '«',
    '⟦',
    '⟦1⟧',
    '中 ',
    '. ',
    '<|a',
    '<<<TEXT',
    'İ',
    'ـ',
    'بـ',
    '\ud800',
    '\\begin{',
    'for a ',
    "'aaaaaaaaa ",
    'a = ',
    'a(',
    '\t',
  ]

  it.each(pieces)('are done within seconds: %j', { timeout: 120_000 }, (piece) => {
    const text = long(piece)
    const started = performance.now()
    const kind = kindOf(text)
    for (const [source, target] of [
      [text, text],
      [english, text],
      [text, arabic],
    ] as const) {
      const pair: Pair = { source, target, finishReason: 'stop', kind, promptText }
      for (const { find } of detectors) find(pair)
    }
    // Linear ones take a fifth of a second on a quiet machine; quadratic ones take minutes.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
