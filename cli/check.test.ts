import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { check } from './check.ts'
import { parseFlags, UsageProblem } from './command.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubefold-check-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

interface Checked {
  readonly code: number
  readonly text: string
}

async function checkTexts(files: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<Checked> {
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  })
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    const code = await check.run(parseFlags(check, [...paths, '--nodes', '2', ...flags]))
    return {
      code,
      text: log.mock.calls
        .map(([line]) => String(line))
        .join('\n')
        .replaceAll(`${folder}/`, ''),
    }
  } finally {
    log.mockRestore()
  }
}

const pod = (container: string, name = 'web'): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
  - name: main
${container.replace(/^/gm, '    ')}
`

test('what becomes ready is good', async () => {
  const { code, text } = await checkTexts({ 'pod.yaml': pod('image: nginx:1.27') })
  expect(text).toMatch(/^1 object applied from 1 file; all of it ready after \d+ s; 2 nodes, seed 1\.$/)
  expect(code).toBe(0)
})

test.each([
  [
    'an unknown field',
    pod('image: nginx\nimagePullPolice: Always'),
    'p.yaml:9:5: error: Pod default/web: unknown field "spec.containers[0].imagePullPolice"',
  ],
  [
    'a value out of range',
    pod('image: nginx\nports:\n- containerPort: 800000'),
    'p.yaml:10:7: error: Pod default/web: spec.containers[0].ports[0].containerPort: Invalid value: 800000: must be between 1 and 65535, inclusive',
  ],
  [
    'a wrong type',
    pod('image: 3'),
    'p.yaml:8:5: error: Pod default/web: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
  ],
  [
    'a missing field',
    pod('image: nginx').replace('name: main', 'tty: true'),
    'p.yaml:7:5: error: Pod default/web: spec.containers[0].name: Required value',
  ],
  ['what is no YAML', 'a: [b\nc: d\n', 'p.yaml:2:1: error: this is not YAML that a cluster can read:'],
  [
    'a cycle of aliases',
    'a: &a\n  b: *a\n',
    "p.yaml:1:1: error: this is not YAML that a cluster can read: anchor 'a' value contains itself",
  ],
  [
    'an unknown kind',
    'apiVersion: v1\nkind: Podd\nmetadata: {name: a}\n',
    'p.yaml:2:1: error: Podd default/a: Kubernetes v1.36 knows no kind "Podd" in the core group, version v1',
  ],
  [
    'a version that is gone',
    'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n',
    'p.yaml:1:1: error: Ingress default/a: Kubernetes v1.36 serves no Ingress as extensions/v1beta1; it serves networking.k8s.io/v1',
  ],
  [
    'what is no object',
    '- a\n',
    'p.yaml:1:1: error: this is a list; a manifest is a mapping with apiVersion, kind and metadata',
  ],
  [
    'the same name twice',
    `${pod('image: nginx')}---\n${pod('image: nginx')}`,
    'p.yaml:13:3: error: Pod default/web: it is there already, from p.yaml:1:1',
  ],
])('%s is found, with its place', async (_what, text, message) => {
  const checked = await checkTexts({ 'p.yaml': text })
  expect(checked.text).toContain(message)
  expect(checked.code).toBe(1)
})

test('an image that nobody knows is explained as the cluster explains it', async () => {
  const { code, text } = await checkTexts({ 'p.yaml': pod('image: ngnix:1.27') }, '--timeout', '2m')
  expect(text).toContain('p.yaml:1:1: error: Pod default/web: it never became ready: its phase is Pending')
  expect(text).toMatch(/Pod web: container main: (ImagePullBackOff|ErrImagePull): .*ngnix:1\.27/)
  expect(code).toBe(1)
})

test('a Pod that fits nowhere is explained by the scheduler', async () => {
  const { text } = await checkTexts(
    { 'p.yaml': pod('image: nginx\nresources: {requests: {cpu: "64"}}') },
    '--timeout',
    '1m',
  )
  expect(text).toContain('Unschedulable: 0/2 nodes are available: 2 Insufficient cpu.')
})

test('a container that crashes is quoted', async () => {
  const { text } = await checkTexts(
    { 'p.yaml': pod('image: busybox\ncommand: [sh, -c, "echo no database; exit 3"]') },
    '--timeout',
    '1m',
  )
  expect(text).toContain('exit code 3')
  expect(text).toContain('it printed: no database')
})

test('what was only not ready in time, with nothing wrong, is undecided', async () => {
  const slow = pod('image: nginx').replace(
    'containers:',
    'readinessGates: [{conditionType: example.com/late}]\n  containers:',
  )
  const { code } = await checkTexts({ 'p.yaml': slow }, '--timeout', '30s')
  expect(code).toBe(4)
  expect((await checkTexts({ 'p.yaml': slow }, '--timeout', '30s', '--allow-inconclusive')).code).toBe(0)
})

test('a namespace that is not among the manifests is taken to be there, and that is said', async () => {
  const { code, text } = await checkTexts({
    'p.yaml': pod('image: nginx').replace('name: web', 'name: web\n  namespace: team'),
  })
  expect(text).toContain(
    'p.yaml:5:3: note: Pod team/web: namespace "team" is not among the manifests; it is taken to be there',
  )
  expect(code).toBe(0)
})

test('programs get the same as JSON', async () => {
  const { text } = await checkTexts({ 'p.yaml': pod('image: nginx\nx: 1') }, '--json')
  expect(JSON.parse(text)).toMatchObject({
    exit: 1,
    nodes: 2,
    findings: [
      { file: 'p.yaml', line: 9, column: 5, severity: 'error', message: 'unknown field "spec.containers[0].x"' },
    ],
  })
})

test('files that cannot be read and flags that make no sense are usage problems', async () => {
  const run = (...argv: readonly string[]) => check.run(parseFlags(check, argv))
  expect(() => run('/no/such/file')).toThrow(UsageProblem)
  expect(() => run()).toThrow('name the files or folders')
  expect(() => run(folder, '--nodes', '0')).toThrow('--nodes wants a whole number from 1 to 5000, not "0"')
  expect(() => run(folder, '--timeout', 'soon')).toThrow('--timeout wants a time')
  expect(() => run(folder, '--nope')).toThrow('--nope')
  writeFileSync(join(folder, 'big.yaml'), 'x'.repeat(9 * 1024 * 1024))
  expect(() => run(join(folder, 'big.yaml'))).toThrow(/has 9 MiB; more than 8 MiB is not read/)
  rmSync(join(folder, 'big.yaml'))
})
