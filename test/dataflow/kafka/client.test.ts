import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { security } from '../../../dataflow/kafka/client.ts'

const user = { KALAM_KAFKA_SASL_USERNAME: 'kalam', KALAM_KAFKA_SASL_PASSWORD: 's3cret' }

describe('the way to a cluster', () => {
  it('is open without variables', () => {
    expect(security({})).toEqual({})
    expect(security({ KALAM_KAFKA_SSL: 'false', KALAM_KAFKA_SASL_MECHANISM: '' })).toEqual({})
  })

  it.each(['plain', 'SCRAM-SHA-256', 'scram-sha-512'])('takes a user with %s', (mechanism) => {
    expect(security({ KALAM_KAFKA_SASL_MECHANISM: mechanism, ...user })).toEqual({
      sasl: { mechanism: mechanism.toLowerCase(), username: 'kalam', password: 's3cret' },
    })
  })

  it.each(Object.keys(user))('names %s when it is missing, and no secret', (missing) => {
    const env = { KALAM_KAFKA_SASL_MECHANISM: 'plain', ...user, [missing]: undefined }
    expect(() => security(env)).toThrow(missing)
    expect(() => security(env)).not.toThrow('s3cret')
  })

  it('names the mechanisms it knows', () => {
    const asking = () => security({ KALAM_KAFKA_SASL_MECHANISM: 'gssapi', ...user })
    expect(asking).toThrow(expect.objectContaining({ code: 'missing_setting', hint: expect.stringContaining('plain') }))
  })

  it('takes certificates from files, and says which file is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kalam-client-'))
    const file = join(folder, 'ca.pem')
    writeFileSync(file, 'certificate')
    expect(security({ KALAM_KAFKA_SSL: 'true' })).toEqual({ ssl: true })
    for (const word of ['1', 'True', 'yes'])
      expect(() => security({ KALAM_KAFKA_SSL: word })).toThrow(`reading KALAM_KAFKA_SSL: ${word} is not known`)
    expect(security({ KALAM_KAFKA_SSL_CA: file })).toEqual({ ssl: { ca: 'certificate' } })
    expect(() => security({ KALAM_KAFKA_SSL_CA: file, KALAM_KAFKA_SSL_KEY: `${file}.key` })).toThrow(`${file}.key`)
    rmSync(folder, { recursive: true })
  })
})
