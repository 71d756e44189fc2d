import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { groupName, topicNames } from '../../services/topics.ts'
import { read } from '../repository/files.ts'
import { root } from '../system/kalam.ts'
import { goProgram } from './go-program.ts'
import { imageProblem, knownVariables, pipelineAt, refusal, stages, variablesOf } from './known.ts'

interface Container {
  name: string
  image: string
  args?: string[]
  env?: { name: string }[]
  envFrom?: unknown[]
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  volumeMounts?: { name: string }[]
  startupProbe?: object
  livenessProbe?: { httpGet: { path: string } }
  readinessProbe?: { httpGet: { path: string } }
}
interface Pod {
  containers: Container[]
  initContainers?: Container[]
  volumes?: { name: string; persistentVolumeClaim?: { claimName: string } }[]
  terminationGracePeriodSeconds?: number
  nodeSelector?: object
  tolerations?: object[]
}
interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  spec: {
    replicas?: number
    template: { metadata: { labels: Record<string, string> }; spec: Pod }
    selector: { matchLabels: Record<string, string> }
    scaleTargetRef: { name: string }
    minReplicaCount: number
    maxReplicaCount: number
    triggers: { type: string; metadata: Record<string, string> }[]
  }
}

const folder = 'deploy/kubernetes'
const pipelineText = read(`${folder}/pipeline.yaml`)
const pipeline = pipelineAt(`${folder}/pipeline.yaml`)
const manifestsIn = (text: string) =>
  parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as Manifest)
const files = [folder, `${folder}/keda`, `${folder}/monitoring`, 'deploy/gpu'].flatMap((path) =>
  readdirSync(join(root, path))
    .filter((name) => name.endsWith('.yaml') && !['pipeline.yaml', 'kustomization.yaml'].includes(name))
    .map((name) => `${path}/${name}`),
)
const written = files.flatMap((path) => manifestsIn(read(path)))
const services = written.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.labels?.['kalam/service'])
const commandsOf = ({ spec }: Manifest) => spec.template.spec.containers.map(({ args = [] }) => args)

describe('the manifests', () => {
  it('all say what they are', () => {
    expect(written.length).toBeGreaterThan(15)
    expect(written.filter(({ apiVersion, kind, metadata }) => !apiVersion || !kind || !metadata?.name)).toEqual([])
  })

  it('have a Deployment for every stage and every translator', () => {
    const worked = services
      .flatMap(commandsOf)
      .map(([command, stage, flag, line]) => ({ command, stage, line: flag === '--line' ? line : '' }))
    expect(worked.filter(({ command }) => command !== 'work')).toEqual([])
    expect([...new Set(worked.map(({ stage }) => stage))].sort()).toEqual(stages.toSorted())
    const translated = worked.filter(({ stage }) => stage === 'translate').map(({ line }) => line)
    expect(translated.sort()).toEqual(Object.keys(pipeline.translators).sort())
  })

  it('give kalam commands that it accepts', () => {
    const pods = written
      .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
      .map(({ spec }) => spec.template.spec)
    const containers = pods.flatMap((pod) => [...pod.containers, ...(pod.initContainers ?? [])])
    const commands = containers.filter(({ name, args }) => name !== 'vllm' && args).map(({ args = [] }) => args)
    expect(commands.length).toBe(services.length + 2)
    expect(commands.map((args) => [args.join(' '), refusal(args)]).filter(([, why]) => why !== undefined)).toEqual([])
  })

  it('set what pipeline.yaml names and the code knows, and nothing else', () => {
    const text = ['settings.env', 'secret.example.yaml', 'service.yaml']
      .map((name) => read(`${folder}/${name}`))
      .join('\n')
    const set = [...new Set(text.match(/\b[A-Z]+_[A-Z_]+\b/g))].filter((name) => name !== 'ALL')
    const named = variablesOf(pipelineText)
    expect(named.length).toBeGreaterThan(3)
    expect.soft(named.filter((name) => !set.includes(name))).toEqual([])
    expect.soft(set.filter((name) => !named.includes(name) && !knownVariables.has(name))).toEqual([])
  })

  it('scale the translator by what waits in its topic, by the names that kalam gives', () => {
    const scaled = written.filter(({ kind }) => kind === 'ScaledObject')
    expect(scaled.map(({ spec }) => spec.scaleTargetRef.name)).toEqual(['translate-seedx', 'seedx-vllm'])
    const brokers = /^KAFKA_BROKERS=(.*)$/m.exec(read(`${folder}/settings.env`))?.[1]
    for (const { spec } of scaled) {
      expect(spec.minReplicaCount).toBeGreaterThanOrEqual(1)
      expect(spec.maxReplicaCount).toBeLessThanOrEqual(pipeline.partitions)
      expect(spec.triggers).toMatchObject([
        {
          type: 'kafka',
          metadata: {
            bootstrapServers: brokers,
            consumerGroup: groupName(pipeline.pipeline, 'translate', 'seedx', 1),
            topic: topicNames(pipeline.pipeline).chunks(pipeline.translators.seedx!.chunking),
            lagThreshold: expect.stringMatching(/^\d+$/),
          },
        },
      ])
      // Two who count the same pods would undo each other's work.
      expect(
        written.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === spec.scaleTargetRef.name)?.spec
          .replicas,
      ).toBeUndefined()
    }
  })

  it('hold no secret', () => {
    expect(read(`${folder}/kustomization.yaml`)).not.toContain('- secret')
    const [secret] = manifestsIn(read(`${folder}/secret.example.yaml`)) as unknown as {
      stringData: Record<string, string>
    }[]
    expect(Object.values(secret!.stringData).filter((value) => value !== '')).toEqual([])
  })
})

const check = goProgram('manifest-check')

describe.skipIf(!check)("kustomize, and Kubernetes' own types", () => {
  const built = () => {
    const { code, out, err } = check!.run([folder])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return manifestsIn(out)
  }
  const podsOf = (all: Manifest[]) => all.filter(({ kind }) => kind === 'Deployment' || kind === 'Job')

  it('accept everything, every file of it', () => {
    const all = built()
    const named = (wanted: string) => all.filter(({ kind }) => kind === wanted).map(({ metadata }) => metadata.name)
    expect(named('Deployment').length).toBe(services.length + 1)
    expect(named('ConfigMap').length).toBe(2)
    expect(named('Secret')).toEqual([])
    for (const { kind, metadata } of written.filter(
      (one) => !['Secret'].includes(one.kind) && one.metadata.name !== 'any',
    ))
      expect.soft(named(kind), `${kind} ${metadata.name}`).toContain(metadata.name)
  })

  it('give every service probes, time to stop, bounds, and what it mounts', () => {
    const all = built()
    const claims = all.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)
    for (const { kind, metadata, spec } of podsOf(all)) {
      const pod = spec.template.spec
      const volumes = pod.volumes ?? []
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        const at = `${metadata.name} ${container.name}`
        expect.soft(imageProblem(container.image), at).toBeUndefined()
        expect.soft(container.resources, at).toMatchObject({
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        })
        const missing = container.volumeMounts?.filter(({ name }) => !volumes.some((volume) => volume.name === name))
        expect.soft(missing, at).toEqual([])
      }
      expect
        .soft(
          volumes
            .flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])
            .filter((name) => !claims.includes(name)),
        )
        .toEqual([])
      if (kind === 'Job') continue
      expect.soft(pod.terminationGracePeriodSeconds, metadata.name).toBeGreaterThanOrEqual(60)
      const [main] = pod.containers
      expect
        .soft(
          [main?.startupProbe, main?.livenessProbe, main?.readinessProbe].filter((probe) => probe).length,
          metadata.name,
        )
        .toBe(3)
      if (main?.name !== 'kalam') continue
      expect.soft(main.livenessProbe?.httpGet.path).toBe('/healthz')
      expect.soft(main.readinessProbe?.httpGet.path).toBe('/readyz')
    }
  })

  it('give every Deployment a budget of disruptions that means its pods', () => {
    const all = built()
    const budgets = all.filter(({ kind }) => kind === 'PodDisruptionBudget')
    const without = all
      .filter(({ kind }) => kind === 'Deployment')
      .filter(({ spec }) => {
        const { labels } = spec.template.metadata
        const means = (wanted: Record<string, string>) =>
          Object.entries(wanted).every(([key, value]) => labels[key] === value)
        return (
          !means(spec.selector.matchLabels) ||
          budgets.filter((budget) => means(budget.spec.selector.matchLabels)).length !== 1
        )
      })
    expect(without.map(({ metadata }) => metadata.name)).toEqual([])
  })

  it('put Seed-X on nodes with a V100, one GPU each', () => {
    const pod = built().find(({ metadata, kind }) => kind === 'Deployment' && metadata.name === 'seedx-vllm')!.spec
      .template.spec
    expect(pod.nodeSelector).toEqual({ 'nvidia.com/gpu.product': expect.stringContaining('V100') })
    expect(pod.tolerations).toMatchObject([{ key: 'nvidia.com/gpu' }])
    expect(pod.containers[0]?.resources?.limits).toMatchObject({ 'nvidia.com/gpu': '1' })
  })
})
