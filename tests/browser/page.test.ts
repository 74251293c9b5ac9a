/** The page in a real browser: a cluster that runs, a terminal, time that can be turned back, a link that replays. */
import { inflateRawSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openShared, readShared } from '../../engine/cluster/history.ts'
import { presetWorld } from '../../engine/cluster/presets/named.ts'
import { hashWorld } from '../../engine/cluster/save.ts'
import { command, type Site, shows, startSite, terminalText, waitForPrompt } from './site.ts'

let site: Site

beforeAll(async () => {
  site = await startSite()
})

afterEach(() => site.closePages())

afterAll(() => site.close())

/** What the engine in the page says about its world. */
const hashIn = (page: import('playwright-core').Page): Promise<string> =>
  page.evaluate(() => (globalThis as unknown as { kubefoldHash: () => Promise<string> }).kubefoldHash())

test('the first page opens without errors, asks nobody else, and leads to a lesson', async () => {
  const { page, complaints } = await site.open('/')
  await page.getByRole('link', { name: 'Start with the first lesson' }).click()
  await waitForPrompt(page)
  expect(await page.locator('h1').textContent()).toContain('Your first Pod')
  expect(complaints).toEqual([])
})

test('a Deployment that is typed becomes running Pods, on the map and in the terminal', async () => {
  const { page, complaints } = await site.open('/playground/')
  await waitForPrompt(page)
  await command(page, 'kubectl create deployment web --image=nginx --replicas=3')
  await page.locator('.map .pod.ready').nth(2).waitFor({ timeout: 30_000 })
  await command(page, 'kubectl get pods')
  const text = await terminalText(page)
  expect(text.match(/web-\S+\s+1\/1\s+Running/g)).toHaveLength(3)
  expect(complaints).toEqual([])
})

test('tab completes verbs, kinds and live names; ctrl-r finds what was typed; ctrl-c ends a watch', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await command(page, 'kubectl run solo --image=nginx')
  await page.locator('.map .pod.ready').waitFor({ timeout: 30_000 })
  await page.keyboard.type('kubectl desc')
  await page.keyboard.press('Tab')
  await shows(page, /kubectl describe $/m)
  await page.keyboard.type('pod so')
  await page.keyboard.press('Tab')
  await shows(page, /kubectl describe pod solo/)
  await page.keyboard.press('Control+u')
  await page.keyboard.press('Control+r')
  await page.keyboard.type('run')
  await shows(page, /reverse-i-search\)`run': kubectl run solo/)
  await page.keyboard.press('Control+g')
  await page.keyboard.press('Control+u')
  await page.keyboard.type('kubectl get pods -w')
  await page.keyboard.press('Enter')
  await shows(page, /solo\s+1\/1\s+Running/)
  await page.keyboard.press('Control+c')
  await shows(page, /\^C/)
  await waitForPrompt(page)
})

test('the past can be looked at, and one can go on from it', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await command(page, 'kubectl run solo --image=nginx')
  await page.locator('.map .pod.ready').waitFor({ timeout: 30_000 })
  const slider = page.locator('.scrubber')
  await slider.focus()
  await page.keyboard.press('Home')
  await page.locator('.past').waitFor()
  expect(await page.locator('.map .pod').count()).toBe(0)
  await page.getByRole('button', { name: 'Back to now' }).click()
  await page.locator('.map .pod.ready').waitFor()
  await slider.focus()
  await page.keyboard.press('Home')
  await page.getByRole('button', { name: 'Go on from here' }).click()
  await command(page, 'kubectl get pods')
  await shows(page, /No resources found in default namespace/)
  expect(await terminalText(page)).not.toContain('kubectl run solo')
})

test('undo takes back the last command, and redo brings it again', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await command(page, 'kubectl run solo --image=nginx')
  await page.locator('.map .pod').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => page.locator('.map .pod').count()).toBe(0)
  await page.getByRole('button', { name: 'Redo' }).click()
  await expect.poll(() => page.locator('.map .pod').count()).toBe(1)
})

test('a step lets one fact happen and says which', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await command(page, 'kubectl run solo --image=nginx')
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await page.locator('.stepped code').waitFor()
  expect(await page.locator('.stepped code').textContent()).toMatch(/^\w+\/\w+/)
})

/** The world that a link stands for, built by the same engine without a browser. */
function worldOfLink(link: string): string {
  const packed = Buffer.from(link.slice(link.indexOf('#s=') + 3), 'base64url')
  const shared = readShared(inflateRawSync(packed).toString())
  if (typeof shared === 'string') throw new Error(shared)
  return hashWorld(openShared(shared, presetWorld(shared.preset, shared.seed)!).world)
}

test('a link replays to the very same world, in another tab and without a browser', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await command(page, 'kubectl apply -f web.yaml')
  await page.locator('.map .pod.ready').nth(2).waitFor({ timeout: 30_000 })
  await command(page, 'kubectl scale deployment web --replicas=2')
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.waitForTimeout(300)
  const hash = await hashIn(page)
  await page.getByRole('button', { name: 'Share' }).click()
  await page.waitForURL(/#s=/)
  const link = page.url()
  expect(worldOfLink(link)).toBe(hash)

  const second = await site.open(link.slice(site.address.length))
  await shows(second.page, /deployment.apps\/web scaled/)
  await expect.poll(() => terminalText(second.page)).toContain('service/web created')
  expect(second.complaints).toEqual([])
})

test('a link that was cut, or is from another version, says so, and the page goes on', async () => {
  const { page } = await site.open('/playground/#s=q1YqS8wpTVWyUkrOzysuAQ')
  await page.locator('.notice').waitFor()
  expect(await page.locator('.notice').textContent()).toMatch(/cut short/)
  await waitForPrompt(page)
  await command(page, 'kubectl get nodes')
  await shows(page, /node-3\s+Ready/)
})

test('a reload loses nothing', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await command(page, 'kubectl run solo --image=nginx')
  await page.locator('.map .pod.ready').waitFor({ timeout: 30_000 })
  await page.reload()
  await shows(page, /pod\/solo created/)
  await page.getByRole('button', { name: 'Start over' }).first().click()
  await expect.poll(() => page.locator('.map .pod').count()).toBe(0)
})

test('the editor works on the files of the shell and underlines what the API server would refuse', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await page.getByRole('button', { name: 'Files', exact: true }).click()
  await page.getByRole('button', { name: 'hello.yaml' }).click()
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+Home')
  for (let line = 0; line < 6; line++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Home')
  await page.keyboard.type('  imageless: true\n')
  await page.locator('.problems').waitFor()
  expect(await page.locator('.problems').textContent()).toContain('unknown field')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await command(page, 'grep imageless hello.yaml')
  await shows(page, /^ {2}imageless: true/m)
})

test('vi opens the editor on the file and waits for it', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type('vi note.txt && cat note.txt')
  await page.keyboard.press('Enter')
  await page.locator('.cm-content').click()
  await page.keyboard.type('remember the milk')
  await page.getByRole('button', { name: 'Save and close' }).click()
  await shows(page, /^remember the milk/m)
})

test('the terminal is no trap: Escape, then Tab, leaves it', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  const isInTerminal = () =>
    page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea') ?? false)
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.press('Tab')
  expect(await isInTerminal()).toBe(true)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  expect(await isInTerminal()).toBe(false)
})

test('a paste of several lines stands at the prompt until Enter, and then all of it runs', async () => {
  const { page } = await site.open('/playground/')
  await waitForPrompt(page)
  await page.locator('.xterm-helper-textarea').focus()
  await page.evaluate(() => navigator.clipboard.writeText('echo one\nsleep 1\necho two'))
  await page.keyboard.press('Control+Shift+v')
  await shows(page, /echo two/)
  expect(await terminalText(page)).not.toMatch(/^two/m)
  await page.keyboard.press('Enter')
  await shows(page, /^two/m)
})
