import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read } from '../repository/files.ts'
import { root } from '../system/kalam.ts'
import { readYaml } from './known.ts'

const script = read('deploy/gpu/serve-seed-x.sh')
/** Arguments of vLLM as `--name=value`, in order, without where it listens. */
const argumentsIn = (text: string): string[] =>
  [
    ...text.matchAll(
      /--(dtype|max-model-len|max-num-seqs|gpu-memory-utilization|disable-log-requests)(?:[ =]([\w.]+))?/g,
    ),
  ]
    .map(([, name, value]) => (name === 'disable-log-requests' ? name : `${name}=${value}`))
    .sort()

describe('Seed-X on V100s', () => {
  it('is served with the same arguments in all three places, in half precision', () => {
    const compose = readYaml<{ services: { seedx: { command: string[] } } }>(
      'docker-compose.yml',
    ).services.seedx.command.join(' ')
    const inScript = argumentsIn(script)
    expect(inScript).toContain('dtype=half')
    expect(argumentsIn(compose)).toEqual(inScript)
    expect(argumentsIn(read('deploy/gpu/seedx-vllm.yaml'))).toEqual(inScript)
  })

  it('is the model that pipeline.yaml names', () => {
    const model = /ByteDance-Seed\/[\w-]+/
    const names = [
      'deploy/gpu/serve-seed-x.sh',
      'deploy/gpu/seedx-vllm.yaml',
      'docker-compose.yml',
      'deploy/kubernetes/pipeline.yaml',
      'examples/kafka/pipeline.yaml',
    ]
    expect(new Set(names.map((path) => model.exec(read(path))?.[0]))).toEqual(new Set(['ByteDance-Seed/Seed-X-PPO-7B']))
  })

  it('is started by scripts that bash can read', () => {
    for (const path of ['deploy/gpu/serve-seed-x.sh', 'deploy/clickhouse/make-users.sh']) {
      const { status, stderr } = spawnSync('bash', ['-n', join(root, path)], { encoding: 'utf8' })
      expect({ path, status, stderr }).toEqual({ path, status: 0, stderr: '' })
    }
  })
})
