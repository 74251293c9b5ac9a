/** Both lessons in both languages, wide and narrow, light and dark: they open, can be reached by everybody, and are photographed. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { command, SHOTS, type Site, startSite, waitForPrompt } from './site.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let site: Site

beforeAll(async () => {
  site = await startSite()
})

afterEach(() => site.closePages())

afterAll(() => site.close())

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string }[]
}

async function seriousViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe.run(),
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

const LESSONS = [
  { path: 'pods/your-first-pod/', run: 'kubectl run hello --image=nginx:1.27', pods: 1 },
  { path: 'workloads/deployments/', run: 'kubectl create deployment web --image=nginx:1.27 --replicas=4', pods: 4 },
]

const CASES = LESSONS.flatMap((lesson) =>
  ['', 'zh-cn/'].flatMap((locale) =>
    ['light', 'dark'].map((theme) => ({
      ...lesson,
      locale,
      theme: theme as 'light' | 'dark',
      name: locale + lesson.path,
    })),
  ),
)

const shotName = (path: string, locale: string, theme: string, width: number, what: string): string =>
  join(SHOTS, `${path.replaceAll('/', '-')}${locale === '' ? 'en' : 'zh-cn'}-${theme}-${width}${what}.png`)

test.each(CASES)('$name in $theme at 1280 pixels', async ({ path, locale, theme, run, pods }) => {
  const { page, complaints } = await site.open(`/${locale}${path}`, { theme })
  await waitForPrompt(page)
  await command(page, run)
  await page
    .locator('.map .pod.ready')
    .nth(pods - 1)
    .waitFor({ timeout: 30_000 })
  await command(page, 'kubectl get pods -o wide')
  await page.locator('.exercise').scrollIntoViewIfNeeded()
  await page.waitForTimeout(1000)
  await page.screenshot({ path: shotName(path, locale, theme, 1280, '-exercise') })
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: shotName(path, locale, theme, 1280, '') })
  expect(await seriousViolations(page)).toEqual([])
  expect(complaints).toEqual([])
})

test.each(CASES)('$name in $theme at 390 pixels', async ({ path, locale, theme, run }) => {
  const { page, complaints } = await site.open(`/${locale}${path}`, { theme, width: 390, height: 844 })
  const scrolls = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  const panes = page.locator('.pane-bar button')
  await page.screenshot({ path: shotName(path, locale, theme, 390, '') })
  expect(await scrolls()).toBe(false)
  await panes.nth(2).click()
  await waitForPrompt(page)
  await page.locator('.touch-line input').fill(run)
  await page.locator('.touch-line button[type=submit]').click()
  await waitForPrompt(page)
  await page.screenshot({ path: shotName(path, locale, theme, 390, '-terminal') })
  expect(await scrolls()).toBe(false)
  await panes.nth(1).click()
  await page.locator('.map .pod.ready').first().waitFor({ timeout: 30_000 })
  await page.screenshot({ path: shotName(path, locale, theme, 390, '-map') })
  expect(await scrolls()).toBe(false)
  expect(await seriousViolations(page)).toEqual([])
  expect(complaints).toEqual([])
})

const PAGES = ['', 'playground/', 'left-out/', 'no-such-page/']

test.each(PAGES.flatMap((path) => [`/${path}`, `/zh-cn/${path}`]))(
  '%s can be read by everybody, at any width',
  async (path) => {
    for (const width of [1280, 390]) {
      const { page } = await site.open(path, { width, theme: 'light' })
      await page.waitForTimeout(600)
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
      expect(await seriousViolations(page)).toEqual([])
      await page.screenshot({ path: join(SHOTS, `page${path.replaceAll('/', '-')}${width}.png`) })
      await page.context().close()
    }
  },
)

test('following the lesson meets the tasks of its exercise', async () => {
  const { page } = await site.open('/pods/your-first-pod/')
  await waitForPrompt(page)
  await command(page, 'kubectl run hello --image=nginx')
  await page.locator('.map .pod.ready').waitFor({ timeout: 30_000 })
  await page.locator('.exercise').scrollIntoViewIfNeeded()
  await expect.poll(() => page.locator('.task.met').count(), { timeout: 10_000 }).toBe(1)
})
