/** Every transcript is played again, and prints what it printed. `npm test -- --update` rewrites them: read the difference. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cluster } from '../engine/index.ts'
import { replayTranscript } from './transcript.ts'

const FOLDER = join(import.meta.dirname, 'transcripts')

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))

test('there are transcripts', () => {
  expect(names.length).toBeGreaterThanOrEqual(15)
})

for (const name of names)
  test(`transcript ${name}`, async () => {
    const path = join(FOLDER, name)
    const played = replayTranscript(cluster({ nodes: 3 }), readFileSync(path, 'utf8'))
    await expect(played).toMatchFileSnapshot(path)
  })
