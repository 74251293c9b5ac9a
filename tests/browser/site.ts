/** The built site in a real browser: how the tests in this folder open it, type into it and read from it. */
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Serving, serveSite } from '../../cli/project/site-server.ts'

const SITE = fileURLToPath(new URL('../../dist/site', import.meta.url))
export const SHOTS = fileURLToPath(new URL('shots', import.meta.url))

const BROWSERS = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Opened {
  readonly page: Page
  /** Errors on the console, and requests that left this computer. */
  readonly complaints: string[]
  readonly context: BrowserContext
}

export interface PageShape {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
}

export interface Site {
  readonly address: string
  readonly open: (path: string, shape?: PageShape) => Promise<Opened>
  /** Between tests: pages that nobody looks at would go on running their clusters. */
  readonly closePages: () => Promise<void>
  readonly close: () => Promise<void>
}

function listen(page: Page, address: string): string[] {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(address))
      complaints.push(`request to ${request.url()}`)
  })
  return complaints
}

async function open(browser: Browser, serving: Serving, path: string, shape: PageShape): Promise<Opened> {
  const { width = 1280, height = 800, theme = 'dark' } = shape
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    hasTouch: width < 500,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const complaints = listen(page, serving.address)
  await page.goto(new URL(path.replace(/^\//, ''), serving.address).href)
  return { page, complaints, context }
}

export async function startSite(): Promise<Site> {
  if (!existsSync(SITE)) throw new Error('dist/site is missing: run npm run build')
  const executablePath = BROWSERS.find((path) => path !== '' && existsSync(path))
  if (!executablePath) throw new Error('no Chromium found: install it, or name it in the environment variable CHROMIUM')
  mkdirSync(SHOTS, { recursive: true })
  const serving = await serveSite(SITE, 4500)
  const browser = await chromium.launch({ executablePath, headless: true, args: ARGS })
  return {
    address: serving.address,
    open: (path, shape = {}) => open(browser, serving, path, shape),
    closePages: async () => {
      for (const context of browser.contexts()) await context.close()
    },
    close: async () => {
      await browser.close()
      await serving.close()
    },
  }
}

/** Everything the terminal shows, from its first line. */
export const terminalText = (page: Page): Promise<string> =>
  page.evaluate(
    () => (globalThis as unknown as { kubefoldTerminal?: { text: () => string } }).kubefoldTerminal?.text() ?? '',
  )

export async function waitForPrompt(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { kubefoldTerminal } = globalThis as unknown as { kubefoldTerminal?: { text: () => string } }
    return kubefoldTerminal?.text().trimEnd().endsWith('$') ?? false
  })
}

/** Types a command at the prompt and waits until the prompt is back. */
export async function command(page: Page, line: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
  await page.waitForTimeout(150)
  await waitForPrompt(page)
}

/** The terminal's text once it contains what is looked for. */
export async function shows(page: Page, text: RegExp, timeout = 20_000): Promise<string> {
  const began = Date.now()
  for (;;) {
    const shown = await terminalText(page)
    if (text.test(shown)) return shown
    if (Date.now() - began > timeout) throw new Error(`the terminal never showed ${text}:\n${shown.trim()}`)
    await page.waitForTimeout(100)
  }
}
