import { expect, it } from 'vitest'
import { hiding } from '../../../../services/translate/backends/hiding.ts'

const key = 'sk-"quo\\te"/+=%&'

it('shows a secret in no form that a server may write it in', () => {
  const forms = [
    key,
    JSON.stringify(key),
    JSON.stringify(key).replaceAll('/', '\\/'),
    encodeURIComponent(key),
    encodeURI(key),
  ]
  const shown = hiding(key)(`wrong: ${forms.join(' or ')}.`)
  expect(shown).toBe('wrong: … or "…" or "…" or … or ….')
})

it('leaves texts as they are where there is no secret', () => {
  expect(hiding('')('any text')).toBe('any text')
  expect(hiding('sk-1')('any text')).toBe('any text')
})
