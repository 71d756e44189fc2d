import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { read } from '../repository/files.ts'
import { root, workFolder } from '../system/kalam.ts'
import { readYaml } from './known.ts'

const folder = workFolder()
const servers: Server[] = []
afterAll(() => {
  folder.remove()
  for (const server of servers) server.close()
})

/** Answers a path with a status; resolves with the port. */
const answering = (path: string, status: () => number): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => response.writeHead(request.url === path ? status() : 404).end())
    servers.push(server)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const exitCode = (command: string, args: string[], env: Record<string, string>): Promise<number | null> =>
  new Promise((resolve) =>
    spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' }).once('close', resolve),
  )

describe('health checks', () => {
  it('of the image tell a well service from an ill one and from none', async () => {
    const [, json = ''] = /^HEALTHCHECK[\s\S]*?CMD (\[.*\])$/m.exec(read('deploy/Dockerfile')) ?? []
    const [command = '', ...args] = JSON.parse(json) as string[]
    let status = 200
    const port = await answering('/healthz', () => status)
    const check = (at: number) => exitCode(command, args, { KALAM_HTTP_PORT: String(at) })
    expect(await check(port)).toBe(0)
    status = 503
    expect(await check(port)).toBe(1)
    expect(await check(1)).toBe(1)
  })

  it('of the registry tell ready from not ready', async () => {
    const { services } = readYaml<{ services: { registry: { healthcheck: { test: string[] } } } }>('docker-compose.yml')
    const [, command = '', ...args] = services.registry.healthcheck.test
    let status = 200
    const port = await answering('/health/ready', () => status)
    const check = () =>
      exitCode(
        command,
        args.map((arg) => arg.replace('8080', String(port)).replaceAll('$$', '$')),
        {},
      )
    expect(await check()).toBe(0)
    status = 503
    expect(await check()).toBe(1)
  })
})

describe('make-users.sh', () => {
  it('fills in the hashes of any passwords, and refuses to make users without one', async () => {
    const seen = join(folder.path, 'seen')
    writeFileSync(join(folder.path, 'clickhouse-client'), `#!/bin/sh\necho "$@" > ${seen}.args\ncat > ${seen}.sql\n`)
    chmodSync(join(folder.path, 'clickhouse-client'), 0o755)
    const script = join(root, 'deploy/clickhouse/make-users.sh')
    const env = {
      PATH: `${folder.path}:${process.env.PATH}`,
      KALAM_USERS_SQL: join(root, 'deploy/clickhouse/users.sql'),
      CLICKHOUSE_USER: 'admin',
      CLICKHOUSE_PASSWORD: 'top',
      KALAM_PASSWORD: `it's / a & "secret" \\`,
    }
    expect(await exitCode('bash', [script], env)).not.toBe(0)
    expect(await exitCode('bash', [script], { ...env, KALAM_READER_PASSWORD: 'كلمة' })).toBe(0)
    const sql = readFileSync(`${seen}.sql`, 'utf8')
    for (const password of [env.KALAM_PASSWORD, 'كلمة'])
      expect(sql).toContain(`sha256_hash BY '${createHash('sha256').update(password).digest('hex')}'`)
    expect(sql.replaceAll(/^--.*$/gm, '')).not.toContain('@')
    expect(readFileSync(`${seen}.args`, 'utf8')).toContain('--user admin')
  })
})
