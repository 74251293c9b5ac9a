import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf } from './cell-width.ts'
import { typedBy } from './keys.ts'
import { commonBeginning, entered, type Line, newLine, pressed, searchPrompt, typed } from './line-editor.ts'

/** Plays keys; a key of one letter is text. */
const play = (line: Line, ...keys: readonly string[]): Line =>
  keys.reduce((now, key) => (key.length === 1 ? typed(now, key) : pressed(now, key)), line)

const line = (text: string): Line => typed(newLine(), text)

describe('the line that is typed', () => {
  it('moves by words and cuts what readline cuts', () => {
    expect(play(line('kubectl get pods'), 'alt-b', 'alt-b', 'ctrl-k').text).toBe('kubectl ')
    expect(play(line('kubectl get pods'), 'ctrl-w').text).toBe('kubectl get ')
    expect(play(line('kubectl get pods'), 'ctrl-w', 'ctrl-a', 'ctrl-y').text).toBe('podskubectl get ')
    expect(play(line('kubectl get pods'), 'ctrl-a', 'alt-f', 'ctrl-u').text).toBe(' get pods')
  })

  it('goes through older lines and comes back to the draft', () => {
    const before = typed(newLine(['one', 'two']), 'dra')
    expect(play(before, 'up').text).toBe('two')
    expect(play(before, 'up', 'up', 'up').text).toBe('one')
    expect(play(before, 'up', 'up', 'down', 'down').text).toBe('dra')
  })

  it('finds an older line by a part of it, and the one before that', () => {
    const before = newLine(['kubectl get pods', 'ls', 'kubectl get nodes'])
    expect(play(before, 'ctrl-r', 'g', 'e', 't').text).toBe('kubectl get nodes')
    expect(play(before, 'ctrl-r', 'g', 'e', 't', 'ctrl-r').text).toBe('kubectl get pods')
    expect(searchPrompt(play(before, 'ctrl-r', 'g'))).toBe("(reverse-i-search)`g': ")
    expect(play(before, 'x', 'ctrl-r', 'g', 'ctrl-g').search).toBeUndefined()
  })

  it('remembers what was entered, once', () => {
    const twice = entered(typed(entered(line('ls')), 'ls'))
    expect(twice.before).toEqual(['ls'])
    expect(entered(line('  ')).before).toEqual([])
  })

  it('never leaves the cursor outside the text or inside a letter, whatever is pressed', () => {
    const keys = [
      'left',
      'right',
      'ctrl-w',
      'ctrl-u',
      'ctrl-k',
      'ctrl-y',
      'alt-b',
      'alt-d',
      'backspace',
      'delete',
      'up',
      'down',
      '漢',
      '🙂',
      'a',
      ' ',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys), { maxLength: 40 }), (pressing) => {
        const { text, cursor } = play(newLine(['één', '日本 語']), ...pressing.map((key) => key))
        expect(cursor).toBeGreaterThanOrEqual(0)
        expect(cursor).toBeLessThanOrEqual(text.length)
        expect(text.slice(0, cursor) + text.slice(cursor)).toBe(text)
        expect(text).not.toMatch(/\p{Surrogate}/u)
      }),
    )
  })
})

describe('what a terminal sends', () => {
  it('is a key, a text or a paste', () => {
    expect(typedBy('\u001b[A')).toEqual({ key: 'up' })
    expect(typedBy('\u0012')).toEqual({ key: 'ctrl-r' })
    expect(typedBy('你好')).toEqual({ text: '你好' })
    expect(typedBy('\u001b[200~a\rb\u001b[201~')).toEqual({ text: 'a\nb' })
  })
})

describe('the place of the cursor', () => {
  it('counts wide letters twice, colours not at all, and wraps', () => {
    expect(endOf('你好', 80)).toEqual({ row: 0, column: 4 })
    expect(endOf('\u001b[32m~$ \u001b[0m', 80)).toEqual({ row: 0, column: 3 })
    expect(endOf('abcd', 4)).toEqual({ row: 1, column: 0 })
    expect(endOf('abc你', 4)).toEqual({ row: 1, column: 2 })
  })
})

describe('completion', () => {
  it('goes as far as all words agree', () => {
    expect(commonBeginning(['deployments.apps', 'deploy', 'describe'])).toBe('de')
    expect(commonBeginning([])).toBe('')
  })
})
